import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from tests.recordings import write_noises
from trainer.encoders.exported import export_encoder
from trainer.encoders.feature import Feature
from trainer.encoders.sound_encoder import random_sound_encoder
from trainer.errors import TrainerError
from trainer.results.names import parse_named_path
from trainer.sound.clips import LoadedClip
from trainer.sound.logmel import LogMel
from trainer.transfer import task_features as module
from trainer.transfer.finetune import FinetuneConfig
from trainer.transfer.probe_config import ProbeConfig
from trainer.transfer.sources import baselines
from trainer.transfer.task_features import EvaluationConfig, TaskFeatures


@pytest.mark.parametrize(
    ("text", "name", "path"),
    [("runs/smooth", "smooth", "runs/smooth"), ("a=runs/b", "a", "runs/b"), ("a=b=c", "a", "b=c")],
)
def test_encoders_are_named(text, name, path):
    assert parse_named_path(text) == (name, Path(path))


def test_a_path_that_exists_may_hold_an_equals_sign(tmp_path):
    (tmp_path / "lr=0.1").mkdir()
    assert parse_named_path(str(tmp_path / "lr=0.1")) == ("lr=0.1", tmp_path / "lr=0.1")


def test_the_folder_one_is_in_has_its_own_name(tmp_path, monkeypatch):
    (tmp_path / "smooth" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "smooth")
    assert parse_named_path(".") == ("smooth", Path())
    monkeypatch.chdir("deep")
    assert parse_named_path("..") == ("smooth", Path(".."))


@pytest.mark.parametrize("text", ["=runs/smooth", " =runs/smooth", "/"])
def test_an_encoder_without_a_name_is_refused(text):
    with pytest.raises(TrainerError, match=f"--run {text}: has no name; give NAME=PATH"):
        parse_named_path(text)


def test_encoders_of_one_architecture_share_a_baseline(sound_encoder):
    again = random_sound_encoder(sound_encoder, 0)
    assert baselines("random", {"a": sound_encoder, "b": again}) == {"random": sound_encoder}
    small = random_sound_encoder(sound_encoder, 0)
    small.config = replace(sound_encoder.config, model="vit_small")
    several = baselines("random", {"a": sound_encoder, "b": small, "c": again})
    assert several == {"random vit_tiny 16×16": sound_encoder, "random vit_small 16×16": small}
    assert baselines("random", {}) == {}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Ten clips of noise in five folds."""
    return write_noises(tmp_path_factory.mktemp("sound"), count=10, folds=5)


def test_a_task_is_made_ready(folder):
    data = TaskFeatures(EvaluationConfig(task="csv", root=str(folder), fold=(5, 2), range_db=0))
    assert [fold.name for fold in data.folds] == ["fold 5", "fold 2"]
    assert data.logmel == LogMel()  # levels as they are
    assert data.metric == "accuracy"
    assert data.encoders() == {}


def test_data_are_told_by_content_labels_and_folds_and_not_by_their_place(folder, tmp_path):
    def sha256(place):
        return TaskFeatures(EvaluationConfig(task="csv", root=str(place))).data_sha256

    copy = Path(shutil.copytree(folder, tmp_path / "elsewhere"))
    first = sha256(folder)
    assert sha256(copy) == first
    table = (copy / "metadata.csv").read_text()
    (copy / "metadata.csv").write_text(table.replace("0.wav,a,1", "0.wav,b,1"))
    relabelled = sha256(copy)
    (copy / "metadata.csv").write_text(table.replace("0.wav,a,1", "0.wav,a,2"))
    refolded = sha256(copy)
    (copy / "metadata.csv").write_text(table)
    shutil.copyfile(copy / "1.wav", copy / "2.wav")
    assert len({first, relabelled, refolded, sha256(copy)}) == 4


def test_input_is_standardised_by_the_training_clips_of_the_fold(
    folder, picture_encoder, sound_encoder, tmp_path
):
    export_encoder(tmp_path / "own", sound_encoder.config, sound_encoder.vit.state_dict())
    settings = {"task": "csv", "root": str(folder), "range_db": 0}
    data = TaskFeatures(EvaluationConfig(**settings, run=(f"mine={picture_encoder}",)))
    (encoder,) = data.encoders().values()
    found = [data.standardised(encoder, fold) for fold in data.folds]
    for fold, of_fold in zip(data.folds, found, strict=True):
        values = torch.cat([data.clips[i].flatten() for i in fold.train])
        expected = values.mean().item(), values.std().item()
        assert (of_fold.config.mean, of_fold.config.std) == pytest.approx(expected)
        assert of_fold.vit is encoder.vit
    assert len({of_fold.sha256 for of_fold in found}) == 5  # so that embeddings are kept apart
    untrained = data.standardised(data.untrained(encoder, 3), data.folds[0])
    assert untrained.config == found[0].config
    data = TaskFeatures(EvaluationConfig(**settings | {"range_db": 50}, run=(f"own={tmp_path / 'own'}",)))
    (encoder,) = data.encoders().values()
    assert data.standardised(encoder, data.folds[0]) is encoder
    assert data.standardised(data.untrained(encoder), data.folds[0]).config == sound_encoder.config


@pytest.fixture
def made(folder, monkeypatch):
    """A `TaskFeatures` that need not read its clips."""
    clip = LoadedClip(torch.randn(80, 30), "")
    monkeypatch.setattr(module, "load_clips", lambda paths, *_, **__: [clip] * len(paths))
    return lambda **settings: TaskFeatures(EvaluationConfig(task="csv", root=str(folder), **settings))


@pytest.mark.parametrize("fold", [0, 6])
def test_a_fold_that_is_not_there_is_named(made, fold):
    with pytest.raises(TrainerError, match=rf"--fold {fold}: csv has folds 1 … 5"):
        made(fold=(fold,))


def test_an_encoder_that_is_not_there_is_said_before_a_clip_is_read(tmp_path):
    with pytest.raises(TrainerError, match="no: no such run"):
        TaskFeatures(EvaluationConfig(task="csv", root=str(tmp_path / "empty"), run=(str(tmp_path / "no"),)))


def test_encoders_are_adapted_once_for_all_protocols(made, picture_encoder, capsys):
    data = made(run=(str(picture_encoder),))
    assert data.encoders()["picture"] is data.encoders()["picture"]
    assert capsys.readouterr().err.count("pos_embed") == 1


def test_names_are_given_once_and_not_to_baselines(made, picture_encoder):
    for name in ("random", "scratched", "floor"):
        with pytest.raises(TrainerError, match=f"'{name}' is the name of what encoders are compared with"):
            made(run=(f"{name}={picture_encoder}",)).encoders()
    with pytest.raises(TrainerError, match="two encoders are named 'picture'"):
        made(run=(str(picture_encoder),) * 2).encoders()


def test_an_exported_encoder_brings_its_ears(folder, sound_encoder, tmp_path):
    export_encoder(tmp_path / "other", sound_encoder.config, sound_encoder.vit.state_dict())
    data = TaskFeatures(EvaluationConfig(task="csv", root=str(folder), run=(str(tmp_path / "other"),)))
    assert data.logmel == LogMel(n_mels=32) == sound_encoder.logmel
    assert data.clips[0].shape[0] == 32
    (encoder,) = data.encoders().values()
    assert encoder.config == sound_encoder.config


def test_bad_clips_leave_the_task_and_the_folds_stay(folder, tmp_path, capsys):
    copy = Path(shutil.copytree(folder, tmp_path / "bad"))
    soundfile.write(copy / "3.wav", np.zeros(0), 16000)
    (copy / "8.wav").write_bytes(b"no sound")
    with pytest.raises(TrainerError, match=r"3\.wav: holds no samples"):
        TaskFeatures(EvaluationConfig(task="csv", root=str(copy)))
    data = TaskFeatures(EvaluationConfig(task="csv", root=str(copy), skip_bad=True))
    assert [int(clip.path.stem) for clip in data.task.clips] == [0, 1, 2, 4, 5, 6, 7, 9]
    assert [clip.fold for clip in data.task.clips] == [1, 1, 2, 3, 3, 4, 4, 5]
    assert len(data.clips) == 8
    assert [len(fold.test) for fold in data.folds] == [2, 1, 2, 2, 1]
    said = capsys.readouterr().err
    assert "2 of 10 clips left out (--skip-bad)" in said
    assert "3.wav" in said
    assert "8.wav" in said
    assert data.task.notes[-1].startswith("2 of 10")


@pytest.mark.parametrize(("auto", "other"), [("float32", "bf16"), ("bf16", "float32")])
def test_embeddings_are_made_once_for_content_and_weights(
    folder, picture_encoder, tmp_path, monkeypatch, auto, other
):
    monkeypatch.setattr("trainer.training.device.computes_bf16", lambda device: auto == "bf16")
    config = EvaluationConfig(task="csv", root=str(folder), run=(str(picture_encoder),), cache=str(tmp_path))
    features = [Feature(), Feature((2,), "mean")]

    def embed(config, features):
        data = TaskFeatures(config)
        (encoder,) = data.encoders().values()
        return data.embed(encoder, features, label="test")

    first = embed(config, features[:1]) | embed(config, features)
    with monkeypatch.context() as patched:
        patched.setattr("trainer.transfer.task_features.embed_features", pytest.fail)
        again = embed(config, features)
    assert all(torch.equal(first[feature], again[feature]) for feature in features)
    calls = []
    monkeypatch.setattr(
        "trainer.transfer.task_features.embed_features",
        lambda encoder, clips, asked, **_: (
            calls.append(asked) or {feature: first[feature] for feature in asked}
        ),
    )
    embed(config, features)
    embed(replace(config, precision=auto), features)
    assert calls == []
    embed(replace(config, cache="none"), features)
    embed(replace(config, range_db=20), features)  # other spectrograms
    embed(replace(config, frames=96), features)  # another encoder
    embed(replace(config, precision=other), features)
    assert calls == [features] * 4


@pytest.mark.parametrize("config", [ProbeConfig, FinetuneConfig])
@pytest.mark.parametrize("wrong", [{"seeds": 0}, {"seed": -1}, {"seed": 1 << 40}, {"valid_share": 1}])
def test_settings_out_of_range_are_named(config, wrong):
    with pytest.raises(TrainerError, match=next(iter(wrong))):
        config(task="csv", root=".", **wrong)
