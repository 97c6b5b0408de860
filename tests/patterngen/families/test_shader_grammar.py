"""The family of programs that the grammar writes: what a seed means, and what is kept with a dataset."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.programs import write_programs
from patterngen.errors import PatternGenError, RunFailedError
from patterngen.families import family, shader_grammar
from patterngen.families.shader_grammar import ShaderGrammar
from patterngen.filtering.filter import FilterConfig, filter_dataset
from patterngen.jobs.plan import plan
from patterngen.jobs.spec import DatasetSpec
from patterngen.jobs.verify import VerifyConfig, verify
from patterngen.shaders.grammar import write_program
from patterngen.shaders.language.excluded import FailedProgram
from patterngen.shaders.language.folder import find_programs
from patterngen.shaders.language.program import read_program
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.quarantine import Quarantine
from patterngen.shaders.render.renderer import renderer
from tests.drawn import draw

pytest.importorskip("moderngl")


def group_of(upper: int, count: int) -> list[int]:
    """Seeds that share a program, as those of a job do."""
    return [(upper << 32) + 77 * k for k in range(count)]


def test_a_group_shares_a_program_and_nothing_else() -> None:
    drawn = ShaderGrammar().draw(group_of(9, 4) + group_of(10, 4), 24)
    numbers = [row["number"] for row in drawn.params]
    assert numbers == drawn.class_id.tolist()
    assert len(set(numbers[:4])) == len(set(numbers[4:])) == 1
    assert numbers[0] != numbers[4]
    assert len({(row["t"], row["r0"]) for row in drawn.params}) == 8


def test_a_class_is_the_program_of_its_number() -> None:
    drawn = ShaderGrammar(program=5).draw([1, 2], 16)
    assert drawn.class_id.tolist() == [5, 5]
    name = drawn.params[0]["program"]
    assert drawn.sources[f"{name}.glsl"] == write_program(5)
    assert ShaderGrammar(program=5).num_classes == 21_000
    other = ShaderGrammar(program=5, grammar_seed=1).draw([1], 16)
    assert other.params[0]["program"] != name


def test_no_file_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    renderer().name  # noqa: B018 - which starts the process that draws
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert ShaderGrammar(grammar_seed=77).draw([1 << 32], 16).pixels.any()


def test_all_programs_are_drawn_with_and_no_others() -> None:
    drawn = ShaderGrammar(programs=3).draw([k << 32 for k in range(1, 40)], 16)
    assert set(drawn.class_id.tolist()) == {0, 1, 2}


def test_the_sources_draw_the_picture_again(tmp_path: Path) -> None:
    """By themselves, with their own copy of the library."""
    drawn = ShaderGrammar().draw([4 << 32, 8 << 32], 32)
    write_programs(tmp_path, drawn.sources)
    row = drawn.params[1]
    randoms = np.array([[row[f"r{k}"] for k in range(4)]], np.float32)
    path = tmp_path / "programs" / f"{row['program']}.glsl"
    again = renderer().draw([read_program(path)], np.array([row["t"]], np.float32), randoms, Canvas(32))
    np.testing.assert_array_equal(again[0], drawn.pixels[1])


def test_another_program_takes_the_place_of_one_excluded(tmp_path: Path) -> None:
    before = ShaderGrammar().draw(group_of(3, 2) + group_of(4, 2), 16)
    name = before.params[0]["program"]
    file = tmp_path / f"{name}.glsl"
    file.write_text(before.sources[file.name])
    excluded = [FailedProgram.of(read_program(file), "too slow", "llvmpipe").excluded]
    after = ShaderGrammar().without(excluded).draw(group_of(3, 2) + group_of(4, 2), 16)
    alone = ShaderGrammar(program=before.params[0]["number"]).without(excluded)
    with pytest.raises(PatternGenError, match=rf"program \d+ .* {name}, is excluded; a .* its line"):
        alone.draw([1], 16)
    assert after.params[0]["program"] == after.params[1]["program"] != name
    assert [row["t"] for row in after.params] == [row["t"] for row in before.params]
    np.testing.assert_array_equal(after.pixels[2:], before.pixels[2:])


@pytest.fixture
def dull(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A seed of the grammar whose even programs are refused or draw one colour."""
    bodies = {0: "return vec3(0.5);", 2: "return vec2(1.0);"}

    def written(seed: int) -> str:
        body = bodies.get(seed % 4, "return 0.5 + 0.5 * sin(9.0 * p.xyx);")
        return f"// {seed}\nvec3 pattern(vec2 p, float t, vec4 r) {{ {body} }}\n"

    monkeypatch.setattr(shader_grammar, "write_program", written)
    shader_grammar._write.cache_clear()
    yield 12345
    shader_grammar._write.cache_clear()


def test_programs_that_fail_or_draw_one_colour_are_replaced(dull: int) -> None:
    drawer = ShaderGrammar(programs=8, grammar_seed=dull)
    seeds = [k << 32 for k in range(1, 30)]
    drawn = drawer.draw(seeds, 16)
    assert set(drawn.class_id.tolist()) == {1, 3, 5, 7}
    assert len(drawn.failed) == 2, "to draw one colour is no failure"
    assert drawn.pixels.std((1, 2)).max(1).min() > 10
    alone = drawer.draw(seeds[3:4], 16)
    assert alone.params[0] == drawn.params[3]


def test_no_program_is_left(dull: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shader_grammar, "_below", lambda state, n: 4)
    with pytest.raises(PatternGenError, match="64 programs in a row are excluded, fail or draw one colour"):
        ShaderGrammar(grammar_seed=dull).draw([1], 16)


def test_settings_that_do_not_fit() -> None:
    with pytest.raises(PatternGenError, match="program=7&programs=7: give a program from 0 to 6"):
        family("shader-grammar?program=7&programs=7")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grammar") / "data"
    return draw(folder, "shader-grammar", "smooth:shader-grammar", count=80, size=16)


def test_a_dataset_keeps_its_programs(dataset: Path) -> None:
    params = map(json.loads, DatasetFolder.open(str(dataset)).manifest(["params"])["params"].to_pylist())
    names = {row["program"] for row in params}
    assert {path.stem for path in (dataset / "programs").glob("*.glsl")} == names
    assert find_programs(str(dataset / "programs")).keys() == {f"{name}.glsl" for name in names}
    assert verify(VerifyConfig(dir=str(dataset))).redrawn == 8


def test_a_smaller_dataset_keeps_those_of_its_pictures(dataset: Path, tmp_path: Path) -> None:
    filter_dataset(FilterConfig(dir=str(dataset), tv_max=0.03, repack=str(tmp_path / "smooth")))
    test_a_dataset_keeps_its_programs(tmp_path / "smooth")


def test_a_program_that_is_lost_or_changed_is_named(dataset: Path) -> None:
    first, second, *_ = sorted((dataset / "programs").glob("*.glsl"))
    texts = first.read_text(), second.read_text()
    first.unlink()
    second.write_text(f"{texts[1]} ")
    with pytest.raises(RunFailedError, match="2 problems") as caught:
        verify(VerifyConfig(dir=str(dataset)))
    assert f"{first}: a program that pictures name cannot be read" in str(caught.value)
    assert f"{second} is another program than was drawn with" in str(caught.value)
    first.write_text(texts[0])
    second.write_text(texts[1])
    verify(VerifyConfig(dir=str(dataset)))


def test_shards_are_drawn_again_without_a_program_given_up_later(dataset: Path) -> None:
    spec = DatasetSpec(family=("shader-grammar", "smooth:shader-grammar"), count=80, size=16)
    assert not plan(spec, str(dataset)).missing
    path = next((dataset / "programs").glob("*.glsl"))
    Quarantine(dataset / "quarantine.jsonl").add(
        [FailedProgram.of(read_program(path), "too slow", "llvmpipe")]
    )
    assert plan(spec, str(dataset)).missing == (0,)
    (dataset / "quarantine.jsonl").unlink()
