"""A whole study at toy size: done, stopped anywhere, divided, and held to what was planned."""

import itertools
from dataclasses import replace

import pytest

from patterngen import PatternGenError, RunFailedError
from tests.recordings import write_hums_and_hisses
from tests.trainer.study.toy import PROBE, TINY, toy, write
from trainer.errors import DivergedError
from trainer.pretraining.config import fixed_settings
from trainer.results.file import read_results
from trainer.study import work
from trainer.study.study import StudyConfig, study
from trainer.study.table import TIMES, read_table


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Make the settings of a study of the toy file, changed."""
    folder = tmp_path_factory.mktemp("asked")
    sounds = write_hums_and_hisses(folder / "sounds", 8)
    numbers = itertools.count()

    def made(out, *, changes=None, **flags):
        file = write(folder / f"{next(numbers)}.yaml", toy(**changes or {}))
        return StudyConfig(file=str(file), out=str(out), root=(f"hums={sounds}",), **flags)

    return made


@pytest.fixture(scope="module")
def whole(asked, tmp_path_factory):
    """The folder of a study that nothing disturbed, and its rows."""
    out = tmp_path_factory.mktemp("study") / "out"
    return out, study(asked(out))


def told(out):
    """Return a table without the time that it took."""
    return [str(replace(row, **dict.fromkeys(TIMES, 0.0))) for row in read_table(out)]


def test_every_cell_has_its_row_beside_the_baselines(whole):
    out, rows = whole
    assert [(row.encoder, row.dataset, row.state) for row in rows] == [
        ("floor", "", "done"),
        ("random", "", "done"),
        ("perlin, plain, seed 0", "perlin", "done"),
        ("fbm, plain, seed 0", "fbm", "done"),
    ]
    evaluations = {row.encoder: row for row in read_results(out)}
    for row in rows:
        assert row.protocol_sha256 == evaluations[row.encoder].protocol_sha256 != ""
        assert (row.folds, row.of_folds, row.clips) == (2, 2, 8)
    random, perlin = rows[1:3]
    assert perlin.gain == pytest.approx(perlin.score - random.score)
    assert 0 < perlin.tv_iso <= perlin.tv
    assert perlin.pictures == 2
    assert (perlin.steps, perlin.images) == (2, 8)
    assert [str(vars(row)) for row in read_table(out)] == [str(vars(row)) for row in rows]
    assert {"report.md", "report.html"} <= {path.name for path in out.iterdir()}


def test_a_study_that_is_stopped_anywhere_goes_on_to_the_same_table(whole, asked, tmp_path, monkeypatch):
    stopped = []

    def stopping(name, before):
        """Let a step of the work be interrupted each first time: before or after it is done."""
        step, seen = getattr(work, name), set()

        def once(*args, **kwargs):
            call = len(seen)
            result = None if before else step(*args, **kwargs)
            if call < 2 and call not in seen and len(stopped) < 20:
                seen.add(call)
                stopped.append(name)
                raise KeyboardInterrupt
            return step(*args, **kwargs) if before else result

        monkeypatch.setattr(work, name, once)

    for name in ("measure_dataset", "pretrain", "probe_task", "write_atomic"):
        stopping(name, before=name in ("measure_dataset", "write_atomic"))
    for _ in range(20):
        try:
            study(asked(tmp_path / "out"))
            break
        except KeyboardInterrupt:
            continue
    assert {*stopped} == {"measure_dataset", "pretrain", "probe_task", "write_atomic"}
    assert told(tmp_path / "out") == told(whole[0])


def test_two_parts_make_what_one_run_makes(whole, asked, tmp_path, monkeypatch):
    made = []
    pretrain = work.pretrain
    monkeypatch.setattr(work, "pretrain", lambda config: (made.append(config.draw), pretrain(config)))
    second = study(asked(tmp_path / "out", index=1, count=2))
    assert {row.dataset: row.state for row in second} == {"perlin": "pre-training not begun", "fbm": "done"}
    assert (
        "perlin, plain, seed 0, hums, linear: pre-training not begun"
        in (tmp_path / "out" / "report.md").read_text()
    )
    monkeypatch.setenv("RANK", "0")  # as torchrun says it
    monkeypatch.setenv("WORLD_SIZE", "2")
    study(asked(tmp_path / "out"))
    assert made == [("fbm",), ("perlin",)]
    assert told(tmp_path / "out") == told(whole[0])


def test_what_is_done_is_not_done_again(whole, asked, monkeypatch):
    for name in ("pretrain", "probe_task"):
        monkeypatch.setattr(work, name, lambda *args, **kwargs: pytest.fail("done already"))
    before = told(whole[0])
    study(asked(whole[0]))
    assert told(whole[0]) == before


def test_an_option_that_a_later_version_brings_does_not_end_a_study(whole, asked, monkeypatch):
    before = told(whole[0])
    monkeypatch.setattr(work, "fixed_settings", lambda spec: fixed_settings(spec) | {"brought later": None})
    study(asked(whole[0]))
    assert told(whole[0]) == before


def test_a_run_that_fails_leaves_the_others_and_is_said(whole, asked, tmp_path, monkeypatch):
    def diverges(config):
        raise DivergedError("loss nan at step 1")

    monkeypatch.setattr(work, "pretrain", diverges)
    with pytest.raises(RunFailedError, match=r"2 of 2 runs failed \(perlin, plain, seed 0: loss nan"):
        study(asked(tmp_path / "out"))
    assert "2 of 2 cells are missing" in (tmp_path / "out" / "report.md").read_text()


def test_what_is_added_is_said_to_be_added(whole, asked):
    report = whole[0] / "report.md"
    later = {"smooth": {"x": "tv"}, "slope": {"x": "slope"}}
    study(asked(whole[0], changes={"analyses": later}))
    assert "1 comparisons were added after" in report.read_text()
    study(asked(whole[0]))
    assert "were added after" not in report.read_text()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"datasets": {"perlin": {"draw": ["perlin"]}}}, "begun with datasets.fbm, which is missing now"),
        ({"analyses": {}}, "begun with analyses.smooth, which is missing"),
        ({"analyses": {"smooth": {"x": "slope"}}}, "other settings of analyses.smooth"),
        ({"pretrain": TINY | {"steps": 3}}, "holds a run with other settings.*steps: 2 → 3"),
        ({"probe": PROBE | {"frames": 64}}, "was made with other settings of probe"),
        ({"pictures": 3}, "the study there has another pictures"),
        ({"datasets": {"other": {"draw": ["perlin"]}}}, "begun with datasets.perlin, which is missing"),
        ({"datasets": {"perlin": {"draw": ["perlim"]}}}, "perlim"),
        ({"datasets": {"perlin": {"draw": ["perlin"]}, "x": {"draw": ["perlim"]}}}, "x, plain.*perlim"),
        (
            {"recipes": {"plain": {}, "all": {"mask_ratio": 0.99}}},
            "perlin, all, seed 0: mask ratio 0.99",
        ),
    ],
)
def test_the_folder_of_another_study_is_refused(whole, asked, changes, said):
    before = told(whole[0])
    with pytest.raises(PatternGenError, match=said):
        study(asked(whole[0], changes=changes))
    assert told(whole[0]) == before


def test_a_folder_of_other_results_is_refused(whole, asked, tmp_path):
    (tmp_path / "results.parquet").write_bytes((whole[0] / "results.parquet").read_bytes())
    with pytest.raises(PatternGenError, match="holds results and no study"):
        study(asked(tmp_path))


def test_a_halving_tries_the_longer_recipe_on_the_best(asked, tmp_path):
    changes = {
        "recipes": {"short": {}, "long": {"steps": 3}},
        "halving": {"recipes": ["short", "long"], "task": "hums"},
        "analyses": {},
        "pictures": 0,
    }
    rows = [row for row in study(asked(tmp_path / "out", changes=changes)) if row.dataset]
    assert [row.state for row in rows if row.recipe == "short"] == ["done", "done"]
    assert sorted(row.state for row in rows if row.recipe == "long") == ["done", "not chosen"]
    (chosen,) = (row.dataset for row in rows if row.recipe == "long" and row.state == "done")
    valid = {row.dataset: row.valid_score for row in rows if row.recipe == "short"}
    assert valid[chosen] == max(valid.values())


def test_fine_tunings_stand_beside_scratch(asked, tmp_path):
    changes = {
        "datasets": {"perlin": {"draw": ["perlin"]}},
        "finetune": {"epochs": 1, "frames": 32, "batch_size": 4},
        "analyses": {},
        "pictures": 0,
    }
    rows = study(asked(tmp_path / "out", changes=changes))
    tuned = {row.encoder: row for row in rows if row.protocol == "finetune (last)"}
    assert [*tuned] == ["scratch", "perlin, plain, seed 0"]
    ours = tuned["perlin, plain, seed 0"]
    assert ours.gain == pytest.approx(ours.score - tuned["scratch"].score)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"index": 2, "count": 2}, "--index 0"),
        ({"index": 1}, "--index 1: give --count too"),
    ],
)
def test_a_part_that_is_none_is_named(asked, tmp_path, flags, said):
    with pytest.raises(PatternGenError, match=said):
        study(asked(tmp_path / "out", **flags))
    assert not (tmp_path / "out").exists()
