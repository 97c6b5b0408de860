from types import SimpleNamespace

import pytest
import torch

from trainer.encoders.sound_encoder import random_sound_encoder
from trainer.transfer.finetune import command
from trainer.transfer.finetune.config import FinetuneConfig
from trainer.transfer.finetune.training import Finetuning, Outcome


@pytest.fixture
def begun(sound_encoder, low_or_high, monkeypatch):
    """Runs the command on two seeds without training; returns what weights each training began from."""
    spectrograms, task = low_or_high
    data = SimpleNamespace(
        clips=spectrograms,
        task=task,
        folds=list(task.folds()),
        autocast=torch.no_grad,
        encoders=lambda: {"mine": sound_encoder},
        standardised=lambda encoder, fold: encoder,
        untrained=lambda like, seed=None: random_sound_encoder(like, 3 if seed is None else seed),
    )
    weights = {"scratch": [], "mine": []}

    def trained(training: Finetuning, **_):
        weights["now"] = training.model.encoder.vit.patch_embed.proj.weight.detach().clone()
        return Outcome(0.5, torch.zeros(1, 2), (), 1, 0.0)

    def told(*_, encoder_name, **__):
        weights[encoder_name].append(weights.pop("now"))

    monkeypatch.setattr(command, "finetune_fold", trained)
    monkeypatch.setattr(command, "evaluation", told)
    command.finetune_task(data, FinetuneConfig(task="csv", root=".", seed=3, seeds=2, epochs=1))
    return weights


def test_every_seed_from_scratch_begins_from_weights_of_its_own(begun, sound_encoder):
    first, first_again, second, second_again = begun["scratch"]  # two folds of each seed
    assert torch.equal(first, random_sound_encoder(sound_encoder, 3).vit.patch_embed.proj.weight)
    assert torch.equal(first, first_again)
    assert torch.equal(second, second_again)
    assert not torch.equal(first, second)


def test_every_training_of_an_encoder_begins_from_its_weights(begun, sound_encoder):
    assert len(begun["mine"]) == 4
    assert all(torch.equal(weights, sound_encoder.vit.patch_embed.proj.weight) for weights in begun["mine"])
