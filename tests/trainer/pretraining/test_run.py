import math
import signal
import threading
from dataclasses import fields, replace
from itertools import islice
from pathlib import PurePath

import pytest
import torch
from PIL import Image

from patterngen import PatternGenError, RunFailedError
from tests.drawn import draw
from tests.shallow import SHALLOW
from trainer.data.loader import Batches
from trainer.encoders.checkpoint import latest_checkpoint, load_checkpoint
from trainer.encoders.exported import load_encoder
from trainer.errors import TrainerError
from trainer.pretraining import run as module
from trainer.pretraining.config import PretrainConfig, PretrainRunOptions, PretrainSpec
from trainer.pretraining.loop import train
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.run import Pretraining
from trainer.training.metrics_log import MetricsLog, read_metrics
from trainer.training.signals import deferred_signals

TIMES = ("images_per_second", "data_wait")


def settings(patterns, out, **changes):
    plain = {
        "model": SHALLOW,
        "image_size": 16,
        "patch_size": 8,
        "steps": 6,
        "batch_size": 4,
        "workers": 0,
        "log_every": 1,
        "decoder_dim": 16,
        "decoder_depth": 1,
    }
    return PretrainConfig(data=(str(patterns),), out=str(out), **plain | changes)


def losses(run):
    return [{name: row[name] for name in row if name not in TIMES} for row in read_metrics(run)]


def weights(run):
    return load_checkpoint(latest_checkpoint(run)).model


@pytest.fixture(scope="module")
def whole(patterns, tmp_path_factory):
    """A run of six steps without a stop."""
    return pretrain(settings(patterns, tmp_path_factory.mktemp("whole") / "run"))


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
    training = Pretraining(settings(patterns, whole))
    images = torch.cat([training.standardised(batch.pictures) for batch in islice(training.batches, 9)])
    assert abs(images.mean()) < 0.1
    assert abs(images.std() - 1) < 0.1


def test_every_step_has_its_own_masks(patterns, tmp_path):
    training = Pretraining(settings(patterns, tmp_path / "run"))
    masks = []
    training.model.register_forward_hook(
        lambda model, _given, result: masks.append(result.mask) if model.training else None
    )
    train(training)
    assert len({mask.numpy().tobytes() for mask in masks}) == 6


# --- stop and go on ----------------------------------------------------------------------------


def test_stopping_changes_nothing(whole, patterns, tmp_path):
    config = settings(patterns, tmp_path / "run", stop_at=3)
    pretrain(config)
    assert [row["step"] for row in read_metrics(tmp_path / "run")] == [1, 2, 3]
    pretrain(replace(config, stop_at=None))
    assert losses(tmp_path / "run") == losses(whole)
    one, other = weights(tmp_path / "run"), weights(whole)
    assert all(torch.equal(one[name], other[name]) for name in other)


def test_muon_goes_on_where_it_stopped(patterns, tmp_path):
    config = settings(patterns, tmp_path / "parts", optimizer="muon", layer_decay=0.8, stop_at=3)
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
    pretrain(settings(patterns, whole))
    assert latest_checkpoint(whole).read_bytes() == before
    assert len(read_metrics(whole)) == 6


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError("DataLoader worker (pid 7) is killed")])
def test_what_stops_a_run_loses_no_step(whole, patterns, tmp_path, monkeypatch, stop):
    config = settings(patterns, tmp_path / "run")

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


def test_rows_after_the_checkpoint_are_forgotten(tmp_path):
    metrics = MetricsLog(tmp_path, 0)
    for step in (1, 2, 3):
        metrics.write({"step": step, "loss": 1 / step})
    metrics.close()
    with metrics.file.open("a") as file:
        file.write('{"step": 4, "lo')  # a crash cut this short
    assert len(read_metrics(tmp_path)) == 3
    for damaged in (b'{"step": 3, "loss": \xff}\n', b"[3]\n", b'{"loss": 1}\n'):
        whole = metrics.file.read_bytes()
        metrics.file.write_bytes(damaged + whole)
        assert read_metrics(tmp_path) == []
        metrics.file.write_bytes(whole)
    MetricsLog(tmp_path, 2).close()
    assert read_metrics(tmp_path) == [{"step": 1, "loss": 1.0}, {"step": 2, "loss": 0.5}]


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
        pretrain(settings(patterns, whole, **change))
    assert (whole / "config.yaml").read_bytes() == before


def test_a_setting_is_of_the_definition_or_of_how_it_is_run():
    definition, options = (
        {field.name for field in fields(cls)} for cls in (PretrainSpec, PretrainRunOptions)
    )
    assert not definition & options
    assert definition | options == {field.name for field in fields(PretrainConfig)}


def test_what_changes_no_number_may_change(whole, patterns):
    Pretraining(settings(patterns, whole, workers=1, save_every=5, log_every=3, stop_at=4, device="cpu"))


def test_a_run_of_accumulated_batches_with_an_average_resumes_too(patterns, tmp_path):
    config = settings(patterns, tmp_path / "whole", steps=3, batch_size=2, accumulate=2, ema=0.9)
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
    pretrain(settings(patterns, tmp_path / "run", steps=4, save_minutes=0.0, keep_checkpoints=3))
    found = sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir())
    assert found == [f"step-00000000{step}.pt" for step in (2, 3, 4)]


@pytest.mark.parametrize(
    ("length", "steps"), [({"epochs": 0.5}, 5), ({"images": 9}, 3), ({"images": 1, "accumulate": 3}, 1)]
)
def test_the_length_of_a_run_may_be_given_in_other_units(patterns, tmp_path, length, steps):
    training = Pretraining(settings(patterns, tmp_path / "run", **{"steps": None} | length))
    assert training.plan.steps == training.optimiser.steps == steps


def test_classes_are_learned_from_shards(tmp_path):
    on_black, on_white = "visual-atom?categories=1", "rcdb?categories=1"
    patterns = draw(tmp_path / "set", on_black, on_white, count=48, size=24, samples_per_shard=24)
    learning = {"target": "classes", "mask_ratio": 0, "steps": 60, "batch_size": 8, "lr": 3e-3}
    told = [row["loss"] for row in losses(pretrain(settings(patterns, tmp_path / "run", **learning)))]
    assert told[0] == pytest.approx(math.log(2), rel=1e-3)
    assert sum(told[-10:]) / 10 < 0.5 * math.log(2)


def test_classes_of_pictures_of_one_class_are_refused(tmp_path):
    with pytest.raises(TrainerError, match="--target classes needs pictures of two classes or more"):
        Pretraining(replace(settings("", tmp_path / "run", target="classes"), data=(), draw=("perlin",)))
    assert not (tmp_path / "run").exists()


def test_a_class_beyond_the_dataset_s_table_is_named(patterns, tmp_path):
    training = Pretraining(settings(patterns, tmp_path / "run", target="classes"))
    batch = next(training.batches)
    with pytest.raises(TrainerError, match=r"of class 2, but its dataset's classes\.json ends at 1"):
        training.take_step([batch._replace(classes=batch.classes * 0 + 2)])


# --- divergence --------------------------------------------------------------------------------


def test_a_loss_that_is_not_finite_ends_the_run(patterns, tmp_path):
    training = Pretraining(settings(patterns, tmp_path / "run", save_every=1))
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


# --- signals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_until_the_step_is_whole(number):
    done, heard = [], []
    previous = signal.signal(number, lambda *_: heard.append(list(done)))
    try:
        with deferred_signals():
            signal.raise_signal(number)
            done.append("step")
        assert heard == [["step"]]
        signal.raise_signal(number)  # and afterwards is heard at once
        assert len(heard) == 2
    finally:
        signal.signal(number, previous)


def test_other_threads_need_no_such_care():
    entered = []

    def work():
        with deferred_signals():
            entered.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert entered


# --- mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mask_ratio": 1.0}, "mask_ratio = 1.0 must lie between 0 and 1"),
        ({"mask_ratio": 0.01}, "mask ratio 0.01 leaves 4 of 4 patches visible"),
        ({"image_size": 20}, "height 20 is not a multiple of the patch's height 8"),
        ({"image_size": "16x20"}, "width 20 is not a multiple"),
        ({"image_size": "big"}, "image_size = big: give pixels as 128"),
        ({"patch_size": 0}, "patch_size = 0"),
        ({"image_size": 32}, "is 24×24, smaller than --image-size 32x32"),
        ({"model": "vit_smal"}, "unknown model 'vit_smal'"),
        ({"steps": 0}, "steps = 0 must be at least 1"),
        ({"steps": None}, "give --epochs, --steps or --images"),
        ({"epochs": 2.0}, "--epochs and --steps say the same in two ways"),
        ({"images": 40, "epochs": 2.0}, "--epochs, --steps and --images say the same"),
        ({"lr": 1e-3, "blr": 1e-3}, "--lr and --blr say the same"),
        ({"blr": 0.0}, "blr = 0.0 must be more than 0"),
        ({"warmup_steps": 2, "warmup_epochs": 1.0}, "--warmup-steps and --warmup-epochs"),
        ({"warmup_steps": 7}, "a warm-up of 7 steps is longer than the run of 6"),
        ({"accumulate": 0}, "accumulate = 0 must be at least 1"),
        ({"ema": 1.0}, "ema = 1 would keep the first weights"),
        ({"layer_decay": 1.5}, "layer_decay = 1.5 must be more than 0 and at most 1"),
        ({"keep_checkpoints": 0}, "keep_checkpoints = 0"),
        ({"save_minutes": -1.0}, "save_minutes = -1.0"),
        ({"shard_model": True}, "--shard-model shares a model among processes.*torchrun"),
        ({"resume": "/nowhere.pt"}, "/nowhere.pt: no such checkpoint"),
        ({"stop_at": 0}, "stop_at = 0 must be at least 1"),
        ({"workers": -1}, "workers = -1 must be at least 0"),
        ({"seed": -1}, "seed = -1 must be from 0"),
        ({"seed": 1 << 40}, "seed = 1099511627776 must be from 0"),
        ({"lr": float("nan")}, "lr = nan"),
        ({"warmup": 2}, "warmup = 2 must be from 0 to 1"),
        ({"tv_min": 1.9}, "nothing of .* is kept"),
        ({"workers": 4}, "3 shards cannot feed 1 ranks × 4 workers"),
        ({"decoder_dim": 10}, "decoder"),
        ({"patterns": "/nowhere"}, "no such folder"),
    ],
)
def test_settings_that_cannot_work_are_named(patterns, tmp_path, change, said):
    with pytest.raises(PatternGenError, match=said) as error:
        pretrain(settings(**{"patterns": patterns, "out": tmp_path / "run"} | change))
    assert "\n" not in str(error.value)


def test_a_checkpoint_that_is_a_pickle_is_not_resumed(patterns, tmp_path):
    folder = tmp_path / "run" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save({"encoder": PurePath("here"), "step": 1}, folder / "step-000000001.pt")
    with pytest.raises(TrainerError, match="holds pickled objects"):
        pretrain(settings(patterns, tmp_path / "run"))
