"""An encoder for all folds, or one for each."""

from dataclasses import replace

import pytest
import torch

from tests.recordings import write_noises
from trainer.encoders.exported import export_encoder
from trainer.encoders.sound_encoder import random_sound_encoder
from trainer.errors import TrainerError
from trainer.transfer.evaluation import identity
from trainer.transfer.sources import path_of_fold
from trainer.transfer.task_features import EvaluationConfig, TaskFeatures


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Nine clips of noise in three folds."""
    return write_noises(tmp_path_factory.mktemp("sound"), count=9, folds=3)


@pytest.fixture(scope="module")
def of_folds(sound_encoder, tmp_path_factory):
    """Encoders of other weights for folds 1 and 3; none for fold 2."""
    place = tmp_path_factory.mktemp("runs")
    for number in (1, 3):
        encoder = random_sound_encoder(sound_encoder, number)
        export_encoder(place / f"real-{number}", encoder.config, encoder.vit.state_dict())
    return place


def asked(folder, run, *folds):
    return TaskFeatures(EvaluationConfig(task="csv", root=str(folder), run=(run,), fold=folds))


def first_weight(encoder):
    return encoder.vit.patch_embed.proj.weight


def test_each_fold_is_given_the_encoder_of_its_number(folder, of_folds, sound_encoder):
    data = asked(folder, f"real={of_folds}/real-{{fold}}", 3, 1)
    encoder = data.encoders()["real"]
    for fold, number in zip(data.folds, (3, 1), strict=True):
        own = data.standardised(encoder, fold)
        assert torch.equal(first_weight(own), first_weight(random_sound_encoder(sound_encoder, number)))
        assert data.path("real", fold) == of_folds / f"real-{number}"


def test_rows_name_all_of_them_by_one_digest(folder, of_folds):
    whole = f"real={of_folds}/real-{{fold}}"
    data = asked(folder, whole, 1, 3)
    encoder = data.encoders()["real"]
    again = asked(folder, whole, 1, 3).encoders()["real"]
    alone = asked(folder, f"real={of_folds}/real-1").encoders()["real"]
    assert identity(encoder, untrained=False) == identity(again, untrained=False)
    assert identity(encoder, untrained=False) != identity(alone, untrained=False)


def test_a_fold_without_its_encoder_is_said_before_the_clips_are_read(folder, of_folds, monkeypatch):
    monkeypatch.setattr(TaskFeatures, "_load_clips", lambda _: pytest.fail("the clips were read"))
    with pytest.raises(TrainerError, match=r"real-2: no such run, checkpoint or exported encoder"):
        asked(folder, f"real={of_folds}/real-{{fold}}")


def test_encoders_of_folds_are_of_one_architecture(folder, of_folds, sound_encoder, tmp_path):
    for number, deviation in ((1, 1.0), (2, 2.0)):
        config = replace(sound_encoder.config, std=deviation)
        export_encoder(tmp_path / str(number), config, sound_encoder.vit.state_dict())
    with pytest.raises(TrainerError, match="encoders for single folds differ"):
        asked(folder, f"real={tmp_path}/{{fold}}", 1, 2).encoders()


def test_a_path_without_the_word_is_for_all_folds(tmp_path):
    assert path_of_fold(tmp_path / "run", 3) == tmp_path / "run"
