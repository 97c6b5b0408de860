import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.drawn import draw
from tests.shallow import shallow_settings
from trainer.encoders.checkpoint import latest_checkpoint, load_checkpoint
from trainer.errors import TrainerError
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.run import Pretraining
from trainer.training.metrics_log import read_metrics


def drawn(folder, seed):
    return draw(folder, count=24, size=24, seed=seed, samples_per_shard=12)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of two steps, with everything that is optional in a checkpoint, and its settings."""
    place = tmp_path_factory.mktemp("resume")
    config = shallow_settings(drawn(place / "set", seed=1), place / "run", steps=4, stop_at=2, ema=0.9)
    pretrain(config)
    return config


def changed(run, tmp_path, change):
    """Return the settings of a new run folder, whose checkpoint was changed."""
    source = latest_checkpoint(Path(run.out))
    content = torch.load(source, weights_only=True)
    change(content)
    path = tmp_path / "run" / "checkpoints" / source.name
    path.parent.mkdir(parents=True)
    torch.save(content, path)
    return replace(run, out=str(tmp_path / "run"), stop_at=None)


def settings_of(content):
    return json.loads(content["extra"]["config"])


def test_a_dataset_that_was_drawn_again_is_noticed(run, tmp_path):
    other = drawn(tmp_path / "set", seed=2)
    drawn_again = changed(run, tmp_path, lambda content: None)
    # Its folder has the name, the size and the number of pictures that it had.
    config = settings_of(torch.load(latest_checkpoint(Path(run.out)), weights_only=True))
    config["data"] = [str(other)]
    path = latest_checkpoint(tmp_path / "run")
    content = torch.load(path, weights_only=True)
    content["extra"]["config"] = json.dumps(config)
    torch.save(content, path)
    with pytest.raises(
        TrainerError, match=r"the pictures are no longer those that .* learned from \(dataset"
    ):
        Pretraining(replace(drawn_again, data=(str(other),)))


def test_a_run_may_branch_from_a_checkpoint(run, tmp_path):
    path = latest_checkpoint(Path(run.out))
    pretrain(replace(run, out=str(tmp_path / "branch"), stop_at=3, resume=str(path)))
    assert [row["step"] for row in read_metrics(tmp_path / "branch")] == [3]
    starts = json.loads((tmp_path / "branch" / "environment.json").read_text())["starts"]
    assert [start["step"] for start in starts] == [2]
    with pytest.raises(TrainerError, match=r"belongs to a run with other settings \(seed: 0 → 5\)"):
        Pretraining(replace(run, out=str(tmp_path / "other"), resume=str(path), seed=5))


def test_time_is_mirrored_only_where_photographs_are_or_if_asked(run):
    asked = {
        (augment, mirror): replace(run, augment=augment, mirror=mirror).mirrors
        for augment in ("crop", "mae", "none")
        for mirror in (None, False, True)
    }
    assert [key for key, mirrors in asked.items() if mirrors] == [
        ("crop", True), ("mae", None), ("mae", True), ("none", True),
    ]  # fmt: skip


def before(setting):
    """Make a checkpoint one of before a setting was known."""

    def forget(content):
        settings = settings_of(content)
        del settings[setting]
        content["extra"]["config"] = json.dumps(settings)

    return forget


def test_a_run_from_before_the_setting_goes_on_mirrored(run, tmp_path):
    """Then all but the middle was mirrored: going on without would be another run."""
    old = changed(run, tmp_path, before("mirror"))
    with pytest.raises(TrainerError, match=r"other settings \(mirror: True → False\)"):
        Pretraining(old)
    assert Pretraining(replace(old, mirror=True)).step == 2


def test_a_setting_that_did_not_exist_was_as_it_is_by_default(run, tmp_path):
    old = changed(run, tmp_path, before("codes"))
    assert Pretraining(old).step == 2
    with pytest.raises(TrainerError, match=r"other settings \(codes: 1024 → 7\)"):
        Pretraining(replace(old, codes=7))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_checkpoint_is_one_line(run, tmp_path, share):
    config = changed(run, tmp_path, lambda content: None)
    path = latest_checkpoint(tmp_path / "run")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(TrainerError, match=r"step-000000002\.pt: (truncated|holds pickled)") as error:
        Pretraining(config)
    assert "\n" not in str(error.value)


def test_a_run_goes_on_from_the_checkpoint_before_a_damaged_one(run, tmp_path, capsys):
    config = changed(run, tmp_path, lambda content: None)
    whole = latest_checkpoint(tmp_path / "run")
    data = bytearray(whole.read_bytes())
    data[len(data) // 2] ^= 1
    whole.with_name("step-000000003.pt").write_bytes(data)
    assert Pretraining(config).step == 2
    said = capsys.readouterr().err.splitlines()
    assert len([line for line in said if "step-000000003.pt: truncated or damaged" in line]) == 1


def set_to(*keys, value):
    def change(content):
        for key in keys[:-1]:
            content = content[key]
        if value is None:
            del content[keys[-1]]
        else:
            content[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (set_to("model", "mask", value=torch.ones(3)), "does not fit its settings .*mask"),
        (set_to("model", "encoder.cls_token", value=None), "does not fit .*encoder.cls_token"),
        (set_to("model", "encoder.cls_token", value=torch.ones(7)), "does not fit .*size mismatch"),
        (set_to("model", value=[1, 2]), "does not fit"),
        (set_to("optimizer", value={}), "does not fit"),
        (
            set_to("optimizer", "state", 0, "exp_avg", value=torch.ones(7)),
            r"exp_avg of weight 0 has shape \(7,\)",
        ),
        (set_to("optimizer", "state", 10**6, value={}), "does not fit"),
        (set_to("average", value={}), "does not fit"),
        (set_to("extra", value={}), "does not say of which run"),
        (set_to("extra", "config", value="[1]"), "does not say of which run"),
        (set_to("step", value="two"), "does not say of which run and step"),
        (set_to("step", value=-1), "does not say of which run and step"),
        (set_to("nonsense", value=1), "not a checkpoint of ours"),
        (set_to("encoder", value="{}"), "not the config of an encoder"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_one_line(run, tmp_path, change, said):
    config = changed(run, tmp_path, change)
    with pytest.raises(TrainerError, match=said) as error:
        Pretraining(config)
    assert "\n" not in str(error.value)


def test_nothing_is_left_out_of_a_checkpoint(run):
    checkpoint = load_checkpoint(latest_checkpoint(Path(run.out)))
    training = Pretraining(run)
    assert checkpoint.step == training.step == 2
    assert checkpoint.model.keys() == training.model.state_dict().keys()
    assert checkpoint.average.keys() == training.average.weights.keys()
    assert len(checkpoint.optimizer["state"]) == len(checkpoint.average)
