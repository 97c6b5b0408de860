"""The family of shader programs: what a seed means."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from patterngen.errors import PatternGenError
from patterngen.families import family, known_families
from patterngen.families.shaders import Shaders
from patterngen.shaders.language.program import groups, programs

pytest.importorskip("moderngl")
TIME = Shaders.time_low, Shaders.time_high
SEEDS = [3, 2**63 - 1, 0, 11, 12, 13, 14, 15]


def test_the_registry_finds_it() -> None:
    assert known_families()["shaders"] is Shaders
    assert isinstance(family("shaders?program=julia&supersample=2"), Shaders)
    assert Shaders().num_classes == len(programs())
    assert Shaders().renderer


def test_a_picture_depends_on_its_seed_alone() -> None:
    together = Shaders().draw(SEEDS, 33)
    for i, seed in enumerate(SEEDS):
        alone = Shaders().draw([seed], 33)
        np.testing.assert_array_equal(alone.pixels[0], together.pixels[i])
        assert alone.params[0] == together.params[i]
        assert alone.class_id[0] == together.class_id[i]
    backward = Shaders().draw(SEEDS[::-1], 33)
    np.testing.assert_array_equal(backward.pixels[::-1], together.pixels)


def test_a_fresh_process_draws_the_same_bytes() -> None:
    code = (
        "import hashlib; from patterngen.families import family; "
        f"print(hashlib.sha256(family('shaders').draw({SEEDS}, 40).pixels.tobytes()).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )
    assert run.stdout.strip() == hashlib.sha256(Shaders().draw(SEEDS, 40).pixels.tobytes()).hexdigest()


def test_classes_are_the_programs_in_order_of_their_names() -> None:
    drawn = Shaders().draw(range(300), 4)
    names = sorted(programs())
    assert [row["program"] for row in drawn.params] == [names[i] for i in drawn.class_id]
    assert len(set(drawn.class_id.tolist())) > 0.65 * len(names)
    one = Shaders(program="moire").draw(range(5), 4)
    assert set(one.class_id.tolist()) == {names.index("moire")}


def test_a_kind_draws_its_programs_alone_and_keeps_their_classes() -> None:
    drawn = Shaders(kind="cellular").draw(range(200), 4)
    names = sorted(programs())
    assert {row["program"] for row in drawn.params} == set(groups("kind")["cellular"])
    assert [row["program"] for row in drawn.params] == [names[i] for i in drawn.class_id]
    assert Shaders(kind="cellular").num_classes == len(names)


def test_numbers_are_uniform_and_written_down_exactly() -> None:
    drawn = Shaders(program="plasma").draw(range(2000), 1)
    for key, (low, high) in {"t": TIME, "r0": (0, 1), "r1": (0, 1), "r2": (0, 1), "r3": (0, 1)}.items():
        values = np.sort([float(row[key]) for row in drawn.params])
        gap = np.abs((values - low) / (high - low) - np.arange(2000) / 2000).max()
        assert gap < 1.95 / np.sqrt(2000), key  # Kolmogorov–Smirnov at 0.1 %
        assert all(np.float32(value) == value for value in values)


def test_supersampling_keeps_the_picture_and_smooths_it() -> None:
    plain = Shaders(program="zebra").draw([5], 64).pixels.astype(float)
    smooth = Shaders(program="zebra", supersample=2).draw([5], 64).pixels.astype(float)
    assert np.abs(plain - smooth).mean() < 4
    assert (plain != smooth).any()


def test_settings_that_do_not_exist() -> None:
    with pytest.raises(PatternGenError, match="unknown shader program 'julai': did you mean julia"):
        family("shaders?program=julai")
    with pytest.raises(PatternGenError, match=r"unknown kind of shader program 'wave': there are .*, waves"):
        family("shaders?kind=wave")
    with pytest.raises(PatternGenError, match="give one of them; a program has one kind"):
        family("shaders?kind=waves&program=julia")
    with pytest.raises(PatternGenError, match="give one of them; a program has one ground"):
        family("shaders?ground=black&program=julia")
    with pytest.raises(
        PatternGenError, match="unknown colour of shader program 'gray': there are coloured, grey"
    ):
        family("shaders?colour=gray")
    with pytest.raises(PatternGenError, match="supersample is one of 1, 2"):
        family("shaders?supersample=3")
    with pytest.raises(PatternGenError, match="size = 0"):
        Shaders().draw([1], 0)
