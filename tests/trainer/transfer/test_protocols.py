from typing import get_args

import pytest

from tests.trainer.transfer.test_evaluation import row
from trainer.encoders.sound_encoder import random_sound_encoder
from trainer.sound.logmel import LogMel
from trainer.transfer import protocols
from trainer.transfer.finetune.config import FinetuneConfig, Selection
from trainer.transfer.probe_config import Protocol


def sha256(*told, **loaded):
    return row(*told, **loaded).protocol_sha256


def test_encoders_share_a_protocol(sound_encoder):
    found = {
        sha256(sound_encoder),
        sha256(random_sound_encoder(sound_encoder, 1), untrained=True),
        sha256(sound_encoder, {"positions": "sincos"}),
        sha256(sound_encoder, {"frames": 96}),
        sha256(sound_encoder, encoder=None, encoder_name="floor"),
        sha256(sound_encoder, task="csv"),
        sha256(sound_encoder, {"seeds": 9, "fold": (1,), "device": "cpu", "root": "elsewhere"}),
        sha256(sound_encoder, {"neighbours": 3}),
    }
    assert len(found) == 1


@pytest.mark.parametrize("protocol", ["linear", "knn", "linear-evar"])
def test_the_floor_is_scored_by_the_protocol_of_encoders(sound_encoder, protocol):
    assert sha256(sound_encoder, protocol=protocol) == sha256(
        sound_encoder, protocol=protocol, encoder=None, encoder_name="floor"
    )


@pytest.mark.parametrize(
    ("changed", "loaded"),
    [
        ({"valid_share": 0.2}, {}),
        ({}, {"protocol": "knn"}),
        ({}, {"protocol": "linear (layer 3, mean)"}),
        ({}, {"logmel": LogMel(range_db=80.0)}),
        ({}, {"logmel": LogMel(range_db=50.0, f_min=20.0)}),
        ({}, {"precision": "bfloat16 on cpu"}),
    ],
)
def test_what_decides_a_score_makes_another_protocol(sound_encoder, changed, loaded):
    assert sha256(sound_encoder, changed, **loaded) != sha256(sound_encoder)


def test_a_raised_version_makes_another_protocol(sound_encoder, monkeypatch):
    before = [sha256(sound_encoder, protocol=name) for name in ("linear", "knn")]
    monkeypatch.setitem(protocols.VERSIONS, "linear", protocols.VERSIONS["linear"] + 1)
    after = [sha256(sound_encoder, protocol=name) for name in ("linear", "knn")]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True]


def test_every_protocol_has_a_version():
    tuned = [FinetuneConfig(task="csv", root=".", selection=name).protocol for name in get_args(Selection)]
    assert {*get_args(Protocol), *(name.split()[0] for name in tuned)} <= protocols.VERSIONS.keys()
