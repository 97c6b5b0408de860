from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from trainer.adapt import random_sound_encoder
from trainer.audio import LogMel
from trainer.checkpoint import export_encoder
from trainer.errors import TrainerError
from trainer.transfer.finetune import FinetuneConfig
from trainer.transfer.linear import LinearConfig
from trainer.transfer.sound import Sound, SoundConfig, companions, named


@pytest.mark.parametrize(
    ("text", "name", "path"),
    [("runs/smooth", "smooth", "runs/smooth"), ("a=runs/b", "a", "runs/b"), ("a=b=c", "a", "b=c")],
)
def test_encoders_are_named(text, name, path):
    assert named(text) == (name, Path(path))


def test_a_path_that_exists_may_hold_an_equals_sign(tmp_path):
    (tmp_path / "lr=0.1").mkdir()
    assert named(str(tmp_path / "lr=0.1")) == ("lr=0.1", tmp_path / "lr=0.1")


def test_encoders_of_one_architecture_share_a_companion(ear):
    again = random_sound_encoder(ear, 0)
    assert companions("random", {"a": ear, "b": again}) == {"random": ear}
    small = random_sound_encoder(ear, 0)
    small.config = replace(ear.config, model="vit_small")
    several = companions("random", {"a": ear, "b": small, "c": again})
    assert several == {"random vit_tiny 16×16": ear, "random vit_small 16×16": small}
    assert companions("random", {}) == {}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Ten clips of noise in five folds."""
    folder, rng = tmp_path_factory.mktemp("sound"), np.random.default_rng(0)
    rows = ["file_name,label,fold"]
    for i in range(10):
        soundfile.write(folder / f"{i}.wav", 0.1 * rng.standard_normal(1600), 16000)
        rows.append(f"{i}.wav,{'ab'[i % 2]},{i // 2 + 1}")
    (folder / "metadata.csv").write_text("\n".join(rows))
    return folder


def test_a_task_is_made_ready(folder):
    sound = Sound(SoundConfig(task="csv", root=str(folder), fold=(5, 2), range_db=0))
    assert [fold.name for fold in sound.folds] == ["fold 5", "fold 2"]
    values = torch.cat([clip.flatten() for clip in sound.clips])
    assert (sound.mean, sound.std) == pytest.approx((values.mean().item(), values.std().item()))
    assert sound.logmel == LogMel()  # levels as they are
    assert sound.metric == "accuracy"
    assert sound.encoders() == {}


@pytest.fixture
def made(folder, monkeypatch):
    """A `Sound` that need not read its clips."""
    monkeypatch.setattr("trainer.transfer.sound.spectrograms", lambda paths, *_, **__: [torch.randn(80, 30)])
    return lambda **settings: Sound(SoundConfig(task="csv", root=str(folder), **settings))


@pytest.mark.parametrize("fold", [0, 6])
def test_a_fold_that_is_not_there_is_named(made, fold):
    with pytest.raises(TrainerError, match=rf"fold {fold}: csv has folds 1 … 5"):
        made(fold=(fold,))


def test_names_are_given_once_and_not_to_companions(made, picture_encoder):
    for name in ("random", "scratched", "log-mel floor"):
        with pytest.raises(TrainerError, match=f"'{name}' is the name of what encoders are compared with"):
            made(run=(f"{name}={picture_encoder}",)).encoders()
    with pytest.raises(TrainerError, match="two encoders are named 'picture'"):
        made(run=(str(picture_encoder),) * 2).encoders()


def test_an_encoder_with_other_ears_is_refused(made, ear, tmp_path):
    export_encoder(tmp_path / "other", ear.config, ear.vit.state_dict())
    with pytest.raises(TrainerError, match="was exported with other log-mel settings"):
        made(run=(str(tmp_path / "other"),)).encoders()
    assert ear.logmel == LogMel(n_mels=32)


@pytest.mark.parametrize("config", [LinearConfig, FinetuneConfig])
@pytest.mark.parametrize("wrong", [{"seeds": 0}, {"epochs": 0}, {"seed": -1}, {"seed": 1 << 40}])
def test_settings_out_of_range_are_named(config, wrong):
    with pytest.raises(TrainerError, match=next(iter(wrong))):
        config(task="csv", root=".", **wrong)
