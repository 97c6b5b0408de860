"""Pictures and datasets of shader programs when a program has to be given up, or the process is lost."""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from patterngen.commands.show import ShowConfig, show
from patterngen.common.config import load_config
from patterngen.dataset.folder import QUARANTINE_FILE, DatasetFolder
from patterngen.dataset.format_version import JOB_FILE
from patterngen.errors import PatternGenError
from patterngen.families import family, spec_text
from patterngen.families.shaders import Shaders
from patterngen.jobs.config import RenderConfig
from patterngen.jobs.live import stream_pictures
from patterngen.jobs.mixture import mixture
from patterngen.jobs.plan import plan
from patterngen.jobs.rendering import render
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec
from patterngen.jobs.verify import VerifyConfig, verify
from patterngen.shaders.language import program as ours
from patterngen.shaders.language.excluded import FailedProgram
from patterngen.shaders.render.options import Options, drawing
from patterngen.shaders.render.quarantine import Quarantine
from patterngen.shaders.render.renderer import Attempt, Renderer, renderer
from tests.patterngen.shaders.examples import ENDLESS, program

pytest.importorskip("moderngl")
GOOD = ["gabor", "julia", "moire", "plasma"]
BUDGET = 0.15


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of a few programs that stands in for ours."""
    folder = tmp_path / "shaders"
    shutil.copytree(ours.shader_folder() / "lib", folder / "lib")
    for name in GOOD:
        shutil.copy(ours.programs()[name].file, folder)
    monkeypatch.setattr(ours, "shader_folder", lambda: folder)
    for cached in (ours.programs, ours.groups, mixture):
        cached.cache_clear()
    yield folder
    for cached in (ours.programs, ours.groups, mixture):
        cached.cache_clear()


def names(params) -> list[str]:
    return [row["program"] for row in params]


def test_an_endless_program_is_replaced_and_no_other(library: Path) -> None:
    program(library, "return vec3(p, 0.0);", name="endless")
    ours.programs.cache_clear()
    before = Shaders().draw(range(40), 96)
    endless = program(library, ENDLESS, name="endless")
    ours.programs.cache_clear()
    with drawing(Options(budget=BUDGET)):
        drawn = Shaders().draw(range(40), 96)
        again = Shaders().draw(range(39, -1, -1), 96)
    (failed,) = drawn.failed
    assert again.failed == [failed]
    assert (failed.program, failed.renderer) == ("endless", Shaders().renderer)
    assert failed.reason.startswith(f"{endless.file}: takes more than {BUDGET} s for one picture")
    stays = np.array([name != "endless" for name in names(before.params)])
    assert 0 < stays.sum() < 40
    assert set(names(drawn.params)) == set(GOOD)
    np.testing.assert_array_equal(drawn.pixels[stays], before.pixels[stays])
    np.testing.assert_array_equal(drawn.pixels, again.pixels[::-1])
    assert drawn.params == again.params[::-1]
    for one, other in zip(before.params, drawn.params, strict=True):
        assert {**one, "program": ""} == {**other, "program": ""}, "time and numbers stay"
    with drawing(Options(budget=60.0)):
        known = Shaders().without([failed.excluded]).draw(range(40), 96)
    np.testing.assert_array_equal(known.pixels, drawn.pixels)
    assert (known.params, list(known.failed)) == (drawn.params, [])


def test_a_program_that_does_not_compile_is_left_out_or_named(library: Path) -> None:
    wrong = program(library, "return vec2(1.0);", name="wrong")
    ours.programs.cache_clear()
    drawn = Shaders().draw(range(20), 8)
    assert set(names(drawn.params)) == set(GOOD)
    with pytest.raises(PatternGenError, match=rf"no shader program is left: {wrong.file}:2"):
        Shaders(program="wrong").draw([1], 8)
    excluded = [program.excluded for program in drawn.failed]
    with pytest.raises(PatternGenError, match=r"no shader program is left: wrong is excluded; a .* its line"):
        Shaders(program="wrong").without(excluded).draw([1], 8)


@pytest.mark.parametrize(
    "text", ["shaders", "smooth:shaders", "mixup:shaders,perlin?k=2", "mixup:(smooth:shaders),perlin?k=2"]
)
def test_wrappers_pass_on_what_is_excluded_and_what_failed(library: Path, text: str) -> None:
    program(library, "return vec2(1.0);", name="wrong")
    ours.programs.cache_clear()
    drawn = family(text).draw(range(20), 16)
    assert {program.program for program in drawn.failed} == {"wrong"}
    without = family(text).without(program.excluded for program in drawn.failed)
    assert (without, spec_text(without)) == (family(text), spec_text(family(text)))
    known = without.draw(range(20), 16)
    assert list(known.failed) == []
    np.testing.assert_array_equal(known.pixels, drawn.pixels)


def job(out: Path, **settings) -> tuple[DatasetSpec, RunOptions]:
    values = {"family": ("shaders",), "count": 60, "size": 64, "samples_per_shard": 20}
    config = RenderConfig(out=str(out), **(values | settings))
    return config.spec, config.run


def tars(out: Path) -> list[str]:
    return [shard.stats.sha256 for shard in DatasetFolder.open(str(out)).shards]


def test_what_was_drawn_is_drawn_again_or_refused(library: Path, tmp_path: Path) -> None:
    wrong = program(library, "return vec2(1.0);", name="wrong")
    ours.programs.cache_clear()
    render(*job(tmp_path / "set"))
    listed = tmp_path / "set" / QUARANTINE_FILE
    before = listed.read_bytes()
    assert verify(VerifyConfig(dir=str(tmp_path / "set"), redraw=60)).redrawn == 60
    listed.unlink()
    with pytest.raises(PatternGenError, match=rf"^{wrong.file}:2"):
        verify(VerifyConfig(dir=str(tmp_path / "set"), redraw=60))
    assert not listed.exists()
    listed.write_bytes(before)
    seed = next(seed for seed in range(99) if Shaders().draw([seed], 8).failed)
    asked = {"family": "shaders", "seed": seed, "size": 8, "out": str(tmp_path / "one.png")}
    show(ShowConfig(**asked, quarantine=str(listed)))
    with pytest.raises(PatternGenError, match=rf"^{wrong.file}:2"):
        show(ShowConfig(**asked))


def test_killing_the_process_that_draws_loses_nothing(library: Path, tmp_path: Path) -> None:
    render(*job(tmp_path / "undisturbed"))
    over, killed = threading.Event(), list[int]()

    def kill() -> None:
        """Once in each shard: a program that ends the process again and again would be given up."""
        while not over.is_set():
            process, whole = renderer()._process, len(list((tmp_path / "disturbed").glob("train-*.tar")))
            if process is not None and process._state[0] >= 0 and len(killed) <= whole:
                process._child.kill()
                killed.append(process._child.pid)
            time.sleep(0.001)

    renderer()._cache._programs.clear()
    thread = threading.Thread(target=kill)
    thread.start()
    render(*job(tmp_path / "disturbed"))
    over.set()
    thread.join()
    assert killed
    assert not (tmp_path / "disturbed" / QUARANTINE_FILE).exists()
    assert tars(tmp_path / "disturbed") == tars(tmp_path / "undisturbed")


def test_a_dataset_follows_from_its_job_and_its_list(library: Path, tmp_path: Path) -> None:
    """A program is given up late in a run: the shards that have pictures of it are drawn again."""
    program(library, f"if (r.x > 0.8) {{ {ENDLESS} }} return r.xyz;", name="sometimes")
    ours.programs.cache_clear()
    late, early = tmp_path / "late", tmp_path / "early"
    seed = 6  # of which all three shards have pictures of it, and only the last one that is endless
    report = render(*job(late, seed=seed, shader_budget=BUDGET))
    assert report.drawn > 60, "no shard was drawn again"
    assert "sometimes" not in str(DatasetFolder.open(str(late)).manifest(["params"]))
    early.mkdir()
    shutil.copy(late / QUARANTINE_FILE, early)
    assert render(*job(early, seed=seed)).drawn == 60
    assert tars(early) == tars(late)
    assert render(*job(late, seed=seed)).drawn == 0
    spec = DatasetSpec.read(late / JOB_FILE)
    assert [text.partition("@")[0] for text in spec.excluded] == ["sometimes"]
    render(spec, RunOptions(out=str(tmp_path / "elsewhere")))
    assert tars(tmp_path / "elsewhere") == tars(late)
    assert spec.job_hash == DatasetFolder.open(str(late)).job_hash
    assert "8 drawn again" in str(verify(VerifyConfig(dir=str(late))))


def rows(out: Path | str) -> list[str]:
    return DatasetFolder.open(str(out)).manifest(["params"])["params"].to_pylist()


def test_programs_are_excluded_by_hand(library: Path, tmp_path: Path) -> None:
    julia = FailedProgram.of(ours.programs()["julia"], "", "").excluded
    spec, run = job(tmp_path / "set", excluded=(julia, f"gabor@{'0' * 64}"))
    render(spec, run)
    assert set(names(map(json.loads, rows(run.out)))) == set(GOOD) - {"julia"}, "gabor is another by now"
    assert load_config(tmp_path / "set" / JOB_FILE, DatasetSpec).excluded == spec.excluded
    assert verify(VerifyConfig(dir=run.out, redraw=60)).redrawn == 60
    flags, _ = job(run.out, count=80)
    assert plan(flags, run.out).spec.excluded == spec.excluded
    assert render(flags, run).drawn == 20
    assert [drawn.row["params"] for drawn in islice(stream_pictures(spec), 80)] == rows(run.out)


def test_programs_excluded_later_have_no_pictures_left(library: Path, tmp_path: Path) -> None:
    spec, run = job(tmp_path / "set", samples_per_shard=1, count=12)
    render(spec, run)
    before = names(map(json.loads, rows(run.out)))
    julia = FailedProgram.of(ours.programs()["julia"], "", "").excluded
    assert render(spec.excluding([julia]), run).drawn == before.count("julia") > 0
    assert "julia" not in names(map(json.loads, rows(run.out)))
    assert verify(VerifyConfig(dir=run.out, redraw=12)).redrawn == 12


def test_a_picture_is_shown_as_its_dataset_has_it(library: Path, tmp_path: Path) -> None:
    listed = Quarantine(tmp_path / QUARANTINE_FILE)
    listed.add([FailedProgram.of(ours.programs()["julia"], "for this test", "any")])
    seed = next(seed for seed in range(99) if names(Shaders().draw([seed], 2).params) == ["julia"])
    tvs = [
        show(ShowConfig(family="shaders", seed=seed, size=48, out=str(tmp_path / "a.png"), quarantine=path))
        for path in (None, str(listed.path))
    ]
    assert tvs[0] != tvs[1]
    with pytest.raises(PatternGenError, match=r"quarantine 'none\.jsonl': no such file"):
        ShowConfig(family="shaders", seed=seed, out=str(tmp_path / "a.png"), quarantine="none.jsonl")


def test_neither_device_nor_budget_is_part_of_what_a_dataset_is(tmp_path: Path) -> None:
    assert job(tmp_path)[0] == job(tmp_path, device="cpu", shader_budget=1.0)[0]
    with pytest.raises(PatternGenError, match=r"shader budget 0: give 0\.01 … 86400 seconds"):
        job(tmp_path, shader_budget=0.0)
    with pytest.raises(PatternGenError, match="device 'tpu'"):
        job(tmp_path, device="tpu")


def test_a_host_that_draws_with_no_program_blames_none(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for k in range(8):
        program(library, f"return vec3(p, 0.{k});", name=f"plain{k}")
    ours.programs.cache_clear()
    none = np.zeros((60, 8, 8, 3), np.uint8)
    lost = lambda *of: Attempt(none, {one: f"{one.file}: no" for one in of[1]}, set())  # noqa: E731
    monkeypatch.setattr(Renderer, "attempt", lost)
    with pytest.raises(PatternGenError, match=r"glsl: no$"):
        Shaders().draw(range(60), 8)
