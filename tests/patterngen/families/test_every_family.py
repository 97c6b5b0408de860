"""What the contract promises, asked of every family in the registry."""

import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.common.field_help import field_docs
from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.families import family, known_families
from patterngen.families.model.settings import setting_types
from tests.patterngen.families.strategies import SIZES, ready, seeds_of, settings_of, sizes

NAMES = list(known_families())
CPU = [name for name, cls in known_families().items() if cls.repeats == "everywhere"]


def draw(drawer, seeds, size):
    """Draw, or check that what the machine lacks is named, and skip."""
    try:
        return drawer.draw(seeds, size)
    except MissingDependencyError as error:
        remedy = str(error)
    assert "install" in remedy
    assert drawer.repeats == "per renderer"
    pytest.skip(remedy)


@pytest.mark.parametrize("name", NAMES)
def test_it_introduces_itself(name):
    cls = known_families()[name]
    assert cls.name == name
    assert (cls.__doc__ or "").split("\n")[0].endswith(".")
    assert cls.version >= 1
    assert cls.source
    assert ready(name).num_classes >= 1


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_explained_and_kept_in_its_range(name):
    cls = known_families()[name]
    docs = field_docs(cls)
    for key, kind in setting_types(cls).items():
        assert docs.get(key, "").endswith("."), f"{name}.{key}: a line below the field says what it is"
        if kind.range is not None:
            for beyond in (kind.range.low - 1, kind.range.high + 1):
                with pytest.raises(PatternGenError, match=f"{key}="):
                    cls(**{key: kind.type(beyond)})


@pytest.mark.parametrize("name", NAMES)
def test_the_ends_of_a_range_are_the_right_way_round(name):
    cls, known = known_families()[name], setting_types(known_families()[name])
    for low in (key for key in known if key.endswith(("_low", "_min"))):
        high = low.replace("_low", "_high").replace("_min", "_max")
        most, least = known[low].range.high, known[high].range.low
        if most > least:
            with pytest.raises(PatternGenError, match=f"{low}=.*{high}=.*must not exceed"):
                cls(**{low: known[low].type(most), high: known[high].type(least)})


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_any_settings_give_sound_pictures(name, data):
    drawer = known_families()[name](**data.draw(settings_of(name)))
    size = data.draw(sizes(name, 16, 48))
    batch = data.draw(st.lists(seeds_of(name), min_size=1, max_size=3))
    pictures = draw(drawer, batch, size)
    assert pictures.pixels.shape == (len(batch), size, size, 3)
    assert pictures.pixels.dtype == np.uint8
    assert pictures.class_id.shape == (len(batch),)
    assert pictures.class_id.dtype == np.int64
    assert np.all((pictures.class_id >= 0) & (pictures.class_id < drawer.num_classes))
    assert len(pictures.params) == len(batch)
    for params in pictures.params:
        assert json.loads(json.dumps(params)) == params
        numbers = [value for value in params.values() if isinstance(value, int | float)]
        assert all(math.isfinite(value) for value in numbers)
    for seed, picture, params in zip(batch, pictures.pixels, pictures.params, strict=True):
        alone = drawer.draw([seed], size)
        assert np.array_equal(alone.pixels[0], picture)
        assert alone.params[0] == params


@pytest.mark.parametrize("name", NAMES)
def test_default_pictures_are_never_flat_and_differ(name):
    pictures = draw(ready(name), range(40), 32)
    spread = pictures.pixels.reshape(40, -1, 3).max(1).astype(int) - pictures.pixels.reshape(40, -1, 3).min(1)
    assert np.all(spread.max(1) > 0)
    assert len({picture.tobytes() for picture in pictures.pixels}) > 20


@pytest.mark.parametrize("name", NAMES)
def test_any_size_can_be_drawn(name):
    for size in SIZES.get(name, (1, 2, 3, 17, 100)):
        assert draw(ready(name), [3, 4], size).pixels.shape == (2, size, size, 3)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_batch_is_empty(name):
    pictures = draw(ready(name), [], 16)
    assert pictures.pixels.shape == (0, 16, 16, 3)
    assert list(pictures.params) == []


@pytest.mark.parametrize("name", CPU)
@pytest.mark.parametrize("size", [0, -1, 10**6])
def test_a_size_that_cannot_be_drawn_is_named(name, size):
    with pytest.raises(PatternGenError, match=str(size)):
        ready(name).draw([1], size)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dead-leaves-mixed?radius_min=0", "radius_min=0.*0.001"),
        ("dead-leaves-squares?radius_min=0.5&radius_max=0.2", "radius_min=0.5.*radius_max=0.2"),
        ("dead-leaves-oriented?exponent=nan", "exponent=nan"),
        ("fractal-color?points=10", "points=10.*1000"),
        ("fractal-color?maps_low=5", "maps_low=5.*maps_high=4"),
        ("fractal-color?decay_high=1.5", r"decay_high=1\.5"),
        ("perlin?frequency_low=0", "frequency_low=0"),
        ("perlin?colours=0", r"colours=0.*\[1, 16\]"),
        ("fbm?octaves=17", "octaves=17"),
        ("fbm?gain_low=0.9", "gain_low=0.9.*gain_high=0.7"),
        ("fbm?warp=-1", "warp=-1"),
        ("stat-spectrum?exponent_low=-1", "exponent_low=-1"),
    ],
)
def test_a_setting_out_of_range_is_named_with_range_and_value(text, words):
    with pytest.raises(PatternGenError, match=words):
        family(text)


NO_WASTE = """
import gc
gc.disable()  # to look for garbage takes a seventh of what compiling takes
"""
DIGEST = """
import hashlib
from patterngen.families import family
from patterngen.metrics import total_variation

def digest(name):
    slow = name.startswith(("dead-leaves-textures", "fractaldb"))  # where no compiler has made them quick
    drawn = family(name).draw(range(2 if slow else 6), 61)
    tv = total_variation(drawn.pixels)
    facts = (drawn.params, drawn.class_id.tolist(), tv.tv.tolist(), tv.tv_iso.tolist(), tv.tv_rgb.tolist())
    return hashlib.sha256(drawn.pixels.tobytes() + repr(facts).encode()).hexdigest()
"""


def test_pictures_do_not_depend_on_the_processor():
    """A bare x86-64 or ARM, for Numba, NumPy and the C library alike, draws and measures as this one does."""
    # Texture by texture the same code.
    fewer = {"dead-leaves-textures": "dead-leaves-textures?textures=4"}
    names = [*(fewer.get(name, name) for name in CPU), "fbm?warp=0.2"]
    namespace = {}
    exec(DIGEST, namespace)
    here = [namespace["digest"](name) for name in names]
    bare = os.environ | {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_OPT": "0",  # nor on how the compiler orders its work
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2_Usable,-AVX2,-AVX512F,-FMA,-FMA_Usable,-FMA4",
        "NPY_DISABLE_CPU_FEATURES": " ".join(_switchable_features()),
    }
    command = [sys.executable, "-c", f"{NO_WASTE}{DIGEST}for name in {names}:\n    print(digest(name))"]
    there = subprocess.run(command, env=bare, capture_output=True, text=True, check=True)
    assert there.stdout.split() == here


def _switchable_features():
    """What NumPy found on this processor beyond what it always needs."""
    return np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
