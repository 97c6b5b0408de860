"""What the contract promises, asked of every family in the registry."""

import hashlib
import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.families import families, family

NAMES = list(families())
CPU = [name for name, cls in families().items() if cls.repeats == "everywhere"]

seeds = st.integers(0, 2**63 - 1)
radius = st.floats(0.02, 1)
frequency = st.floats(0.1, 200)
unit = st.floats(0, 1)


def ordered(a, b, values):
    """Two settings, the smaller value in the first."""
    return st.tuples(values, values).map(lambda pair: {a: min(pair), b: max(pair)})


def merged(*parts):
    return st.tuples(*parts).map(lambda dicts: {key: value for d in dicts for key, value in d.items()})


_leaves = merged(
    ordered("radius_min", "radius_max", radius), st.fixed_dictionaries({"exponent": st.floats(0.1, 20)})
)
_waves = ordered("frequency_low", "frequency_high", frequency)
SETTINGS = {
    "dead-leaves-squares": _leaves,
    "dead-leaves-oriented": _leaves,
    "dead-leaves-mixed": _leaves,
    "fractal-color": merged(
        ordered("maps_low", "maps_high", st.integers(2, 16)),
        ordered("decay_low", "decay_high", unit),
        st.fixed_dictionaries({"points": st.integers(1000, 3000)}),
    ),
    "perlin": merged(_waves, st.fixed_dictionaries({"colours": st.integers(1, 16)})),
    "fbm": merged(
        _waves,
        ordered("gain_low", "gain_high", unit),
        st.fixed_dictionaries(
            {"octaves": st.integers(1, 16), "warp": st.floats(0, 10), "colours": st.integers(1, 16)}
        ),
    ),
    "stat-spectrum": ordered("exponent_low", "exponent_high", st.floats(0, 8)),
    "shaders": st.fixed_dictionaries({"supersample": st.sampled_from([1, 2])}),
}


def draw(drawer, seeds, size):
    """Draw, or check that what the machine lacks is named, and return None."""
    try:
        return drawer.draw(seeds, size)
    except MissingDependencyError as error:
        remedy = str(error)
    assert "install" in remedy
    assert drawer.repeats == "per renderer"
    return None


def test_every_family_has_its_settings_tested():
    assert set(SETTINGS) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_introduces_itself(name):
    cls = families()[name]
    assert cls.name == name
    assert (cls.__doc__ or "").split("\n")[0].endswith(".")
    assert cls.version >= 1
    assert cls.source
    assert cls().num_classes >= 1


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_any_settings_give_sound_pictures(name, data):
    drawer = families()[name](**data.draw(SETTINGS[name]))
    size = data.draw(st.integers(16, 48))
    batch = data.draw(st.lists(seeds, min_size=1, max_size=3))
    pictures = draw(drawer, batch, size)
    if pictures is None:
        return
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
    pictures = draw(family(name), range(40), 32)
    if pictures is None:
        return
    spread = pictures.pixels.reshape(40, -1, 3).max(1).astype(int) - pictures.pixels.reshape(40, -1, 3).min(1)
    assert np.all(spread.max(1) > 0)
    assert len({picture.tobytes() for picture in pictures.pixels}) > 20


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1, 2, 3, 17, 100])
def test_any_size_can_be_drawn(name, size):
    pictures = draw(family(name), [3, 4], size)
    assert pictures is None or pictures.pixels.shape == (2, size, size, 3)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_batch_is_empty(name):
    pictures = draw(family(name), [], 16)
    assert pictures is None or (pictures.pixels.shape == (0, 16, 16, 3) and list(pictures.params) == [])


@pytest.mark.parametrize("name", CPU)
@pytest.mark.parametrize("size", [0, -1, 10**6])
def test_a_size_that_cannot_be_drawn_is_named(name, size):
    with pytest.raises(PatternGenError, match=str(size)):
        family(name).draw([1], size)


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


DIGEST = """
import hashlib
from patterngen.families import family
for name in {names}:
    print(hashlib.sha256(family(name).draw(range(6), 61).pixels.tobytes()).hexdigest())
"""


def test_pictures_do_not_depend_on_the_processor(request):
    """A bare x86-64 or ARM, for Numba, NumPy and the C library alike, draws the same bytes as this one."""
    names = [*CPU, "fbm?warp=0.2"]
    here = [hashlib.sha256(family(name).draw(range(6), 61).pixels.tobytes()).hexdigest() for name in names]
    bare = os.environ | {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CACHE_DIR": str(request.config.cache.mkdir("numba-generic")),
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2_Usable,-AVX2,-AVX512F,-FMA,-FMA_Usable,-FMA4",
        "NPY_DISABLE_CPU_FEATURES": " ".join(_switchable_features()),
    }
    command = [sys.executable, "-c", DIGEST.format(names=names)]
    there = subprocess.run(command, env=bare, capture_output=True, text=True, check=True)
    assert there.stdout.split() == here


def _switchable_features():
    """What NumPy found on this processor beyond what it always needs."""
    return np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
