import csv
from dataclasses import fields, replace

import pytest
from PIL import Image

from patterngen import RunFailedError
from tests.recordings import write_hums_and_hisses
from tests.shallow import shallow_settings
from trainer.errors import DivergedError, TrainerError
from trainer.pretraining.config import PretrainConfig
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.run_summary import summarise_run
from trainer.study import sweep as module
from trainer.study.sweep import SweepConfig, grid_configs, name_of, parse_axes, sweep
from trainer.study.sweep_table import caveat, points_table
from trainer.training.metrics_log import read_metrics

OVER = ("mask_ratio=0.5,0.75", "patch-size=8,4")
NAMES = [f"mask_ratio={ratio},patch_size={patch}" for ratio in (0.5, 0.75) for patch in (8, 4)]


def asked(patterns, out, *over, **changes):
    special = {name: changes.pop(name) for name in ("part", "task", "root") if name in changes}
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
    assert [name_of(point.values) for point in found] == NAMES
    for point, name in zip(found, NAMES, strict=True):
        assert point.run.run == f"{config.out}/{name}"
        assert (point.run.state, point.run.step) == ("finished", 2)
        assert {
            key: point.run.settings.get(key, 0.75) for key in ("mask_ratio", "patch_size")
        } == point.values
    alone = pretrain(shallow_settings(patterns, tmp_path / "alone", steps=2, mask_ratio=0.5, patch_size=4))
    assert read_metrics(alone)[-1]["loss"] == found[1].run.loss_last


def test_a_table_is_written_in_three_forms(swept):
    config, found = swept
    folder = module.Path(config.out)
    with (folder / "sweep.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["mask_ratio"], row["patch_size"], row["state"]) for row in rows[:2]] == [
        ("0.5", "8", "finished"),
        ("0.5", "4", "finished"),
    ]
    assert [float(row["loss"]) for row in rows] == [point.run.loss_last for point in found]
    shares = [point.run.loss_last / point.run.floor for point in found]
    assert [float(row["share_of_mean"]) for row in rows] == shares
    assert "score" not in rows[0]
    text = (folder / "sweep.md").read_text()
    assert text.count("| finished |") == 4
    assert "differ in patch_size cannot be compared" in text
    assert points_table(found).row_count == 4
    with Image.open(folder / "loss.png") as picture:
        assert picture.width > 300
    assert "may be compared" in caveat([replace(point, values={"lr": 1}) for point in found])


def test_finished_runs_are_passed_over_and_stopped_ones_go_on(patterns, tmp_path, monkeypatch):
    config = asked(patterns, tmp_path / "grid", "mask_ratio=0.5,0.75")
    runs = list(grid_configs(config).values())
    pretrain(runs[0])
    pretrain(replace(runs[1], stop_at=1))
    assert summarise_run(runs[1].out).state == "stopped"
    made = []
    monkeypatch.setattr(module, "pretrain", lambda run: (made.append(run), pretrain(run)))
    assert [point.run.state for point in sweep(config)] == ["finished", "finished"]
    assert made == [runs[1]]
    assert [row["step"] for row in read_metrics(module.Path(runs[1].out))] == [1, 2]


def test_parts_make_each_run_once(patterns, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(module, "pretrain", lambda run: made.append(module.Path(run.out).name))
    counts = []
    for part in (1, 2, 3):
        sweep(asked(patterns, tmp_path, part=f"{part}/3"))
        counts.append(len(made))
    assert sorted(made) == sorted(NAMES)
    assert counts == [2, 3, 4]
    assert "No run has begun yet" in (tmp_path / "sweep.md").read_text()


def test_a_run_that_fails_keeps_no_other_from_being_made(patterns, tmp_path, monkeypatch):
    def first_fails(run):
        if "0.5" in run.out:
            raise DivergedError("loss nan at step 1")
        return pretrain(run)

    monkeypatch.setattr(module, "pretrain", first_fails)
    config = asked(patterns, tmp_path / "grid", "mask_ratio=0.5,0.75")
    with pytest.raises(RunFailedError, match=r"1 of 2 runs failed \(mask_ratio=0\.5: loss nan.*run again"):
        sweep(config)
    assert (tmp_path / "grid" / "sweep.csv").read_text().count("finished") == 1


def test_a_score_stands_beside_the_loss(swept, sounds):
    config, _ = swept
    found = sweep(replace(config, over=("mask_ratio=0.5,0.75", "patch-size=8"), task="csv", root=str(sounds)))
    assert all(0 <= point.result.score <= 1 for point in found)
    assert (module.Path(config.out) / "score.png").exists()
    assert "Best on validation clips: " in (module.Path(config.out) / "sweep.md").read_text()
    assert "| score |" in (module.Path(config.out) / "sweep.md").read_text()


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
        grid_configs(asked(patterns, tmp_path, over))


@pytest.mark.parametrize("part", ["0/2", "3/2", "one", "1"])
def test_a_part_that_is_none_is_named(patterns, tmp_path, part):
    with pytest.raises(TrainerError, match=f"--part {part}: give the part"):
        asked(patterns, tmp_path, part=part)


def test_values_have_the_type_of_their_setting():
    assert parse_axes(("norm-pix=true,false", "data=a/b,c", "image_size=32,80x208")) == {
        "norm_pix": [True, False],
        "data": [("a/b",), ("c",)],
        "image_size": [32, "80x208"],
    }
    assert name_of({"data": ("a/b", "c=2"), "lr": 1e-3}) == "data=a-b+c-2,lr=0.001"


def test_a_sweep_is_one_process(patterns, tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(TrainerError, match="--part 1/N"):
        sweep(asked(patterns, tmp_path))
