"""The grammar of programs: derivations are sound, texts are stable, and what it writes can be drawn."""

import hashlib
import math
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.cli import main
from patterngen.metrics import total_variation
from patterngen.shaders.curation import Curator
from patterngen.shaders.grammar import BUDGET, GRAMMAR, Kind, Node, derive, write_program
from patterngen.shaders.grammar.productions import decimal, filler
from patterngen.shaders.grammar.splitmix import SplitMix64
from patterngen.shaders.language.glsl import VERTEX
from patterngen.shaders.language.program import Program
from patterngen.shaders.language.translate import Reading, translate
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.context import open_context
from patterngen.shaders.render.renderer import renderer

pytest.importorskip("moderngl")
PROGRAMS = 21_000
ALL = [production for productions in GRAMMAR.values() for production in productions]

seeds = st.integers(0, 2**63 - 1)


@settings(max_examples=300)
@given(seeds)
def test_every_derivation_is_of_the_right_kinds_and_within_the_budget(seed: int) -> None:
    tree = derive(SplitMix64(seed))
    assert tree.production.makes is Kind.PICTURE
    for node in tree.walk():
        assert node.production in GRAMMAR[node.production.makes]
        assert tuple(part.production.makes for part in node.parts) == node.production.takes
    assert 0 < tree.cost <= BUDGET


@settings(max_examples=100)
@given(seeds, st.sampled_from(list(Kind)), st.integers(12, 200))
def test_any_kind_fits_any_budget_that_allows_it(seed: int, kind: Kind, budget: int) -> None:
    node = derive(SplitMix64(seed), kind, budget)
    assert node.production.makes is kind
    assert node.cost <= budget


def test_no_production_is_idle() -> None:
    used = Counter(node.production for seed in range(3000) for node in derive(SplitMix64(seed)).walk())
    assert set(used) == set(ALL)


def test_the_slots_of_a_production_are_its_parts() -> None:
    for production in ALL:
        # A field or a figure is a function of its own, whose first part is where its second looks; and the
        # library's `sloped` calls the first field by its name.
        parts = {int(slot) for slot in re.findall(r"\{(\d)\}", production.code)}
        expected = (
            set() if production.makes in (Kind.FIELD, Kind.FIGURE) else set(range(len(production.takes)))
        )
        assert parts == expected - ({0} if "relief" in production.uses else set()), production.name
        assert production.cost >= 0
        assert production.weight >= 1


@pytest.mark.parametrize("slot", ["centr", "1...2", "3..8x", "0..1,2"])
def test_a_slot_that_does_not_exist(slot: str) -> None:
    with pytest.raises(ValueError, match="neither a range nor one of phase, shift"):
        filler(slot)


@given(seeds)
def test_slots_are_filled_from_their_ranges(seed: int) -> None:
    rng = SplitMix64(seed)
    assert -0.5 <= float(filler("-0.5..2.25")(rng)) <= 2.25
    assert filler("3..8i")(rng) in "345678"
    assert filler("3..4#")(rng) in ("3.0", "4.0")
    assert math.hypot(*map(float, filler("way")(rng)[5:-1].split(","))) == pytest.approx(1.0, abs=2e-3)


@given(st.floats(-1000, 1000))
def test_decimals_are_floats_to_glsl(number: float) -> None:
    text = decimal(number)
    assert re.fullmatch(r"-?\d+\.\d{1,3}", text)
    assert float(text) == pytest.approx(number, abs=5.1e-4)
    assert text != "-0.0"


def test_dice_are_splitmix64_and_fair() -> None:
    # The first outputs of the published generator for the seed 0.
    rng = SplitMix64(0)
    assert [rng.bits() for _ in range(3)] == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    counts = Counter(rng.weighted("abc", (1, 2, 5)) for _ in range(8000))
    for letter, expected in zip("abc", (1000, 2000, 5000), strict=True):
        assert abs(counts[letter] - expected) < 5 * expected**0.5
    assert Counter(rng.whole(-1, 1) for _ in range(300)).keys() == {-1, 0, 1}


def test_all_programs_differ() -> None:
    """In more than the number in their title."""
    texts = (re.sub(r"Program \d+", "", write_program(seed)) for seed in range(PROGRAMS))
    assert len({hashlib.sha256(text.encode()).digest() for text in texts}) == PROGRAMS


DIGEST = """
import hashlib
from patterngen.shaders.grammar import write_program
print(hashlib.sha256("".join(map(write_program, range(200))).encode()).hexdigest())
"""


def test_a_seed_gives_the_same_text_in_every_process() -> None:
    here = hashlib.sha256("".join(map(write_program, range(200))).encode()).hexdigest()
    for salt in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={"PYTHONHASHSEED": salt, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == here


@settings(max_examples=50)
@given(seeds)
def test_a_program_reads_as_one_of_ours(seed: int) -> None:
    text = write_program(seed)
    lines = text.split("\n")
    assert lines[0] == "// SPDX-License-Identifier: Apache-2.0"
    assert lines[1] == "// kind: grammar"
    assert lines[2].startswith(f"// Program {seed} of shader grammar ")
    assert "vec3 pattern(vec2 p, float t, vec4 r) {" in lines
    assert 15 <= len(lines) <= 90
    assert not re.search(r"\{[\w.#]+\}", text), "a slot that was not filled"
    assert text.endswith("}\n")


def test_hundreds_of_programs_compile() -> None:
    context = open_context()
    for seed in range(300):
        fragment = translate(Program.of_text(str(seed), write_program(seed)), Reading()).text
        context.program(vertex_shader=VERTEX, fragment_shader=fragment).release()


@pytest.fixture(scope="module")
def sample() -> list[Program]:
    """Programs spread over all."""
    return [Program.of_text(str(seed), write_program(seed)) for seed in range(0, PROGRAMS, PROGRAMS // 40)]


def test_nine_in_ten_pass_curation(sample: list[Program]) -> None:
    curator = Curator()
    assessments = [curator.assess(program) for program in sample]
    left_out = [assessment.reason for assessment in assessments if not assessment.kept]
    assert len(left_out) <= 0.1 * len(sample), left_out
    tv = np.array([assessment.tv for assessment in assessments])
    assert np.median(tv) < 0.1, "mostly smooth"
    assert np.quantile(tv, 0.9) > 5 * np.quantile(tv, 0.1), "but not all alike"


def test_some_stand_on_black_some_are_grey_and_some_are_rough(sample: list[Program]) -> None:
    """As public programs do: 17 of 100 of their pixels are nearly black, 18 of 100 pictures grey."""
    count = len(sample)
    pictures = renderer().draw(sample, np.full(count, 3, "f4"), np.full((count, 4), 0.4, "f4"), Canvas(64))
    near_black = (pictures.max(3) < 16).mean((1, 2))
    grey = np.ptp(pictures, axis=3).max((1, 2)) < 5
    assert np.any(near_black > 0.5)
    assert 0.05 < near_black.mean() < 0.35
    assert 0.05 < grey.mean() < 0.4
    assert total_variation(pictures).tv.max() > 0.235


def test_pictures_of_a_program_differ(sample: list[Program]) -> None:
    programs = sample[::5]
    rng = np.random.default_rng(0)
    randoms = rng.random((2, 4)).astype(np.float32)
    draw = renderer().draw
    one, other = (
        draw(
            programs, np.full(len(programs), 3, "f4"), np.tile(r, (len(programs), 1)), Canvas(32, dtype="f4")
        )
        for r in randoms
    )
    apart = np.abs(one - other).mean((1, 2, 3))
    assert np.mean(apart > 0.01) > 0.9


def test_walking_a_tree_ends_with_its_root() -> None:
    tree = derive(SplitMix64(3))
    nodes = list(tree.walk())
    assert nodes[-1] is tree
    assert all(isinstance(node, Node) for node in nodes)
    assert [part.production.makes for part in tree.fields] == [
        kind for kind in tree.production.takes if kind is Kind.FIELD
    ]


def test_the_command_writes_what_the_family_draws_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["shaders", "new", "--seed", "5"]) == 0
    assert capsys.readouterr().out == write_program(5)
    assert main(["shaders", "new", "--seed", "5", "--count", "3", "--out", str(tmp_path / "new")]) == 0
    assert "3 programs" in capsys.readouterr().out
    texts = {path.stem: path.read_text() for path in (tmp_path / "new").iterdir()}
    assert texts == {str(seed): write_program(seed) for seed in (5, 6, 7)}
    for flag, value in (("--seed", "-1"), ("--count", "0"), ("--seed", str(2**63))):
        assert main(["shaders", "new", flag, value]) == 2
        assert f"{flag[2:]} {value}: give a number" in capsys.readouterr().err
