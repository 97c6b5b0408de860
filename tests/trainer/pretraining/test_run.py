from dataclasses import fields, replace
from itertools import islice

import pytest
import torch
from PIL import Image

from patterngen import RunFailedError
from tests.shallow import shallow_settings
from trainer.data.loader import Batches
from trainer.encoders.checkpoint import latest_checkpoint, load_checkpoint
from trainer.encoders.exported import load_encoder
from trainer.errors import TrainerError
from trainer.pretraining import run as module
from trainer.pretraining.config import PretrainConfig, PretrainRunOptions, PretrainSpec
from trainer.pretraining.loop import train
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.run import Pretraining
from trainer.training.metrics_log import read_metrics

TIMES = ("images_per_second", "data_wait")


def losses(run):
    return [{name: row[name] for name in row if name not in TIMES} for row in read_metrics(run)]


def weights(run):
    return load_checkpoint(latest_checkpoint(run)).model


@pytest.fixture(scope="module")
def whole(patterns, tmp_path_factory):
    """A run of six steps without a stop."""
    return pretrain(shallow_settings(patterns, tmp_path_factory.mktemp("whole") / "run"))


# --- what a run leaves -------------------------------------------------------------------------


def test_a_run_leaves_its_config_numbers_pictures_and_encoder(whole):
    assert [row["step"] for row in read_metrics(whole)] == [1, 2, 3, 4, 5, 6]
    assert set(read_metrics(whole)[0]) == {"step", "loss", "lr", "grad_norm", "images", *TIMES}
    for name in ("reconstructions.png", "loss.png"):
        with Image.open(whole / name) as picture:
            assert picture.width > 300
    config, state = load_encoder(whole / "export")
    assert (config.input_size, config.patch_size, config.channels) == ((16, 16), (8, 8), 3)
    trained = weights(whole)
    assert all(torch.equal(tensor, trained[f"encoder.{name}"]) for name, tensor in state.items())


def test_the_input_is_standardised(whole, patterns):
    training = Pretraining(shallow_settings(patterns, whole))
    images = torch.cat([training.standardised(batch.pictures) for batch in islice(training.batches, 9)])
    assert abs(images.mean()) < 0.1
    assert abs(images.std() - 1) < 0.1


def test_every_step_has_its_own_masks(patterns, tmp_path):
    training = Pretraining(shallow_settings(patterns, tmp_path / "run"))
    masks = []
    training.model.register_forward_hook(
        lambda model, _given, result: masks.append(result.mask) if model.training else None
    )
    train(training)
    assert len({mask.numpy().tobytes() for mask in masks}) == 6


# --- stop and go on ----------------------------------------------------------------------------


def test_stopping_changes_nothing(whole, patterns, tmp_path):
    config = shallow_settings(patterns, tmp_path / "run", stop_at=3)
    pretrain(config)
    assert [row["step"] for row in read_metrics(tmp_path / "run")] == [1, 2, 3]
    pretrain(replace(config, stop_at=None))
    assert losses(tmp_path / "run") == losses(whole)
    one, other = weights(tmp_path / "run"), weights(whole)
    assert all(torch.equal(one[name], other[name]) for name in other)


def test_muon_goes_on_where_it_stopped(patterns, tmp_path):
    config = shallow_settings(patterns, tmp_path / "parts", optimizer="muon", layer_decay=0.8, stop_at=3)
    pretrain(config)
    pretrain(replace(config, stop_at=None))
    whole = pretrain(replace(config, out=str(tmp_path / "whole"), stop_at=None))
    assert losses(tmp_path / "parts") == losses(whole)
    with pytest.raises(
        TrainerError, match=r"^--optimizer muon needs whole matrices: leave out --shard-model"
    ):
        replace(config, shard_model=True)


def test_a_finished_run_has_nothing_to_do(whole, patterns):
    before = latest_checkpoint(whole).read_bytes()
    pretrain(shallow_settings(patterns, whole))
    assert latest_checkpoint(whole).read_bytes() == before
    assert len(read_metrics(whole)) == 6


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError("DataLoader worker (pid 7) is killed")])
def test_what_stops_a_run_loses_no_step(whole, patterns, tmp_path, monkeypatch, stop):
    config = shallow_settings(patterns, tmp_path / "run")

    def three_then_stop(stream, workers):
        def items():
            yield from islice(stream, 3)
            raise stop

        return Batches(items())

    with monkeypatch.context() as patch:
        patch.setattr(module, "batches", three_then_stop)
        with pytest.raises(KeyboardInterrupt if stop is KeyboardInterrupt else RunFailedError):
            pretrain(config)
    assert load_checkpoint(latest_checkpoint(tmp_path / "run")).step == 3
    pretrain(config)
    assert losses(tmp_path / "run") == losses(whole)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 1}, "seed: 0 → 1"),
        ({"lr": 2e-3}, "lr: None → 0.002"),
        ({"steps": 7, "batch_size": 5}, "steps: 6 → 7; batch_size: 4 → 5"),
        ({"workers": 2}, "workers: 1 → 2"),
        ({"tv_max": 1.0}, "tv_max: None → 1.0"),
        ({"resume": "never"}, r"holds a run already \(step-000000006\.pt\)"),
    ],
)
def test_another_run_in_its_folder_is_refused(whole, patterns, change, said):
    before = (whole / "config.yaml").read_bytes()
    with pytest.raises(TrainerError, match=said):
        pretrain(shallow_settings(patterns, whole, **change))
    assert (whole / "config.yaml").read_bytes() == before


def test_a_setting_is_of_the_definition_or_of_how_it_is_run():
    definition, options = (
        {field.name for field in fields(cls)} for cls in (PretrainSpec, PretrainRunOptions)
    )
    assert not definition & options
    assert definition | options == {field.name for field in fields(PretrainConfig)}


def test_what_changes_no_number_may_change(whole, patterns):
    Pretraining(
        shallow_settings(patterns, whole, workers=1, save_every=5, log_every=3, stop_at=4, device="cpu")
    )


def test_a_run_of_accumulated_batches_with_an_average_resumes_too(patterns, tmp_path):
    config = shallow_settings(patterns, tmp_path / "whole", steps=3, batch_size=2, accumulate=2, ema=0.9)
    pretrain(config)
    parts = replace(config, out=str(tmp_path / "parts"))
    pretrain(replace(parts, stop_at=1))
    pretrain(parts)
    assert losses(tmp_path / "parts") == losses(tmp_path / "whole")
    for folder in ("export", "export-ema"):
        (_, one), (_, other) = (load_encoder(tmp_path / name / folder) for name in ("parts", "whole"))
        assert all(torch.equal(one[name], other[name]) for name in other)
    assert not torch.equal(one["cls_token"], load_encoder(tmp_path / "whole" / "export")[1]["cls_token"])


def test_checkpoints_come_by_the_clock_and_the_last_are_kept(patterns, tmp_path):
    pretrain(shallow_settings(patterns, tmp_path / "run", steps=4, save_minutes=0.0, keep_checkpoints=3))
    found = sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir())
    assert found == [f"step-00000000{step}.pt" for step in (2, 3, 4)]


@pytest.mark.parametrize(
    ("length", "steps"), [({"epochs": 0.5}, 5), ({"images": 9}, 3), ({"images": 1, "accumulate": 3}, 1)]
)
def test_the_length_of_a_run_may_be_given_in_other_units(patterns, tmp_path, length, steps):
    training = Pretraining(shallow_settings(patterns, tmp_path / "run", **{"steps": None} | length))
    assert training.plan.steps == training.optimiser.steps == steps


# --- divergence --------------------------------------------------------------------------------


def test_a_loss_that_is_not_finite_ends_the_run(patterns, tmp_path):
    training = Pretraining(shallow_settings(patterns, tmp_path / "run", save_every=1))
    take_step = training.take_step

    def poisoned(pictures):
        if training.step == 2:
            training.model.encoder.cls_token.data[:] = torch.nan
        return take_step(pictures)

    training.take_step = poisoned
    with pytest.raises(
        RunFailedError, match=r"loss nan with gradient norm nan at step 3, learning rate 0\.00"
    ):
        train(training)
    assert load_checkpoint(latest_checkpoint(tmp_path / "run")).step == 2
    assert all(tensor.isfinite().all() for tensor in weights(tmp_path / "run").values())
