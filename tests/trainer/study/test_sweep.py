import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from PIL import Image

from patterngen import PatternGenError, RunFailedError
from tests.recordings import write_hums_and_hisses
from tests.shallow import shallow_settings
from trainer.errors import DivergedError, TrainerError
from trainer.pretraining.config import PretrainConfig
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.run_summary import summarise_run
from trainer.study import work
from trainer.study.grid import name_of
from trainer.study.report_runs import caveat_of_losses
from trainer.study.shown import table_of
from trainer.study.sweep import SweepConfig, parse_axes, sweep, sweep_plan
from trainer.study.table import read_table
from trainer.training.metrics_log import read_metrics

OVER = ("mask_ratio=0.5,0.75", "patch-size=8,4")
NAMES = [f"mask_ratio={ratio},patch_size={patch}" for ratio in (0.5, 0.75) for patch in (8, 4)]


def asked(patterns, out, *over, **changes):
    special = {name: changes.pop(name) for name in ("index", "count", "task", "root") if name in changes}
    config = shallow_settings(patterns, out, **{"steps": 2, "show_every": 0} | changes)
    own = {field.name: getattr(config, field.name) for field in fields(PretrainConfig)}
    return SweepConfig(**own, over=over or OVER, **special)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Hums and hisses, in two folds."""
    return write_hums_and_hisses(tmp_path_factory.mktemp("sounds"), 8)


@pytest.fixture(scope="module")
def swept(patterns, tmp_path_factory):
    config = asked(patterns, tmp_path_factory.mktemp("sweep") / "grid")
    return config, sweep(config)


def test_every_combination_is_a_plain_run(swept, patterns, tmp_path):
    config, found = swept
    assert [row.recipe for row in found] == NAMES
    for row, name in zip(found, NAMES, strict=True):
        run = summarise_run(f"{config.out}/{name}")
        assert (run.state, run.step, row.state, row.steps) == ("finished", 2, "done", 2)
        assert {key: run.settings.get(key, 0.75) for key in ("mask_ratio", "patch_size")} == row.settings
    alone = pretrain(shallow_settings(patterns, tmp_path / "alone", steps=2, mask_ratio=0.5, patch_size=4))
    assert read_metrics(alone)[-1]["loss"] == found[1].loss


def test_it_is_laid_out_as_a_study(swept):
    config, found = swept
    folder = Path(config.out)
    assert [row.loss for row in read_table(folder)] == [row.loss for row in found]
    floors = [summarise_run(folder / name).floor for name in NAMES]
    shares = [row.loss / floor for row, floor in zip(found, floors, strict=True)]
    assert [row.share_of_mean for row in found] == shares
    text = (folder / "report.md").read_text()
    assert r"differ in patch\_size cannot be compared" in text
    assert table_of(found).row_count == 4
    with Image.open(folder / "report" / "loss.png") as picture:
        assert picture.width > 300
    assert "may be compared" in caveat_of_losses([replace(row, varied="{}") for row in found])


def test_finished_runs_are_passed_over_and_stopped_ones_go_on(patterns, tmp_path, monkeypatch):
    config = asked(patterns, tmp_path / "grid", "mask_ratio=0.5,0.75")
    runs = [run.config for run in sweep_plan(config).runs]
    pretrain(runs[0])
    pretrain(replace(runs[1], stop_at=1))
    assert summarise_run(runs[1].out).state == "stopped"
    made = []
    monkeypatch.setattr(work, "pretrain", lambda run: (made.append(run), pretrain(run)))
    assert [row.state for row in sweep(config)] == ["done", "done"]
    assert made == [runs[1]]
    assert [row["step"] for row in read_metrics(Path(runs[1].out))] == [1, 2]


def test_parts_make_each_run_once(patterns, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(work, "pretrain", lambda run: made.append(Path(run.out).name))
    counts = []
    for index in range(3):
        sweep(asked(patterns, tmp_path, index=index, count=3))
        counts.append(len(made))
    assert sorted(made) == sorted(NAMES)
    assert counts == [2, 3, 4]
    assert "4 of 4 cells are missing" in (tmp_path / "report.md").read_text()


def test_a_run_that_fails_keeps_no_other_from_being_made(patterns, tmp_path, monkeypatch):
    def first_fails(run):
        if "0.5" in run.out:
            raise DivergedError("loss nan at step 1")
        return pretrain(run)

    monkeypatch.setattr(work, "pretrain", first_fails)
    config = asked(patterns, tmp_path / "grid", "mask_ratio=0.5,0.75")
    with pytest.raises(RunFailedError, match=r"1 of 2 runs failed \(mask_ratio 0\.5: loss nan.*run again"):
        sweep(config)
    assert [row.state for row in read_table(tmp_path / "grid")] == ["not begun", "done"]


def test_a_score_stands_beside_the_loss(swept, sounds):
    config, _ = swept
    found = sweep(replace(config, over=("mask_ratio=0.5,0.75", "patch-size=8"), task="csv", root=str(sounds)))
    assert [row.encoder for row in found if row.is_baseline] == ["floor", "random"]
    assert all(0 <= row.score <= 1 for row in found)
    assert all(row.protocol_sha256 for row in found)
    assert (Path(config.out) / "report" / "score.png").exists()
    text = (Path(config.out) / "report.md").read_text()
    assert re.search(r"Best on validation clips \(linear\): mask\\_ratio=0.\d+,patch\\_size=8, at", text)


def test_a_folder_of_other_settings_is_refused_even_where_all_is_done(swept):
    config, _ = swept
    with pytest.raises(
        TrainerError, match=r"mask_ratio=0.5,patch_size=8 holds a run with other.*lr: None → 0.01"
    ):
        sweep(replace(config, lr=0.01))


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ("mask_ratio", "give a setting and its values"),
        ("mask_ratoi=0.5", "unknown key 'mask_ratoi'.*mask_ratio"),
        ("mask_ratio=a", "mask_ratio must be float"),
        ("mask_ratio=0.5,0.5", "names a value twice"),
        ("batch_size=010,020", "--over batch_size=010,020 line 1: 010 is 8 in YAML 1.1 and 10 in YAML 1.2"),
        ("mask_ratio=1.5", "mask_ratio = 1.5 must lie between"),
        ("out=a,b", "out is not for a sweep to vary"),
        ("seed=" + ",".join(map(str, range(1001))), "1001 runs: give from 1 to 1000"),
    ],
)
def test_a_grid_that_cannot_be_is_named(patterns, tmp_path, over, said):
    with pytest.raises(TrainerError, match=said):
        sweep_plan(asked(patterns, tmp_path, over))


def test_a_part_that_is_none_is_named(patterns, tmp_path):
    with pytest.raises(PatternGenError, match=r"part 2 of 2.*give --count N of at least 1 and --index 0"):
        asked(patterns, tmp_path, index=2, count=2)


def test_values_have_the_type_of_their_setting():
    assert parse_axes(("norm-pix=true,false", "data=a/b,c", "image_size=32,80x208")) == {
        "norm_pix": [True, False],
        "data": [("a/b",), ("c",)],
        "image_size": [32, "80x208"],
    }
    assert name_of({"data": ("a/b", "c=2"), "lr": 1e-3}) == "data=a-b+c-2,lr=0.001"
