"""A task of sounds in the lower or the upper bands."""

from pathlib import Path

import pytest
import torch

from trainer.encoders.sound_encoder import SoundEncoder
from trainer.model.encoder import build_encoder
from trainer.tasks import Clip, Task
from trainer.transfer.finetune.config import FinetuneProtocol
from trainer.transfer.finetune.training import Finetuning

EVERYTHING = {
    "mixup": 0.3,
    "crop_time": (0.6, 1.5),
    "crop_freq": (0.8, 1.0),
    "time_mask": 0.2,
    "freq_mask": 0.2,
    "patch_mask": 0.4,
    "drop_path": 0.2,
    "layer_decay": 0.8,
    "balance": 0.5,
    "ema": 0.9,
}
"""All that can be turned on at once."""
NOTHING = {
    "mixup": 0.0,
    "crop_time": (1.0, 1.0),
    "crop_freq": (1.0, 1.0),
    "time_mask": 0.0,
    "freq_mask": 0.0,
    "patch_mask": 0.0,
    "drop_path": 0.0,
    "layer_decay": 1.0,
    "balance": 0.0,
    "ema": None,
}
"""All of it turned off."""


@pytest.fixture(scope="session")
def low_or_high():
    """24 spectrograms of different lengths, and the task that they make: folds 1 and 2."""
    rng = torch.Generator().manual_seed(0)
    spectrograms, clips = [], []
    for i in range(24):
        sound = torch.randn(32, 20 + 3 * i, generator=rng) - 6
        sound[:16] += 8 * (i % 2)
        spectrograms.append(sound)
        clips.append(Clip(Path(f"{i}.wav"), ["high", "low"][i % 2], fold=i // 12 + 1))
    return spectrograms, Task("made", tuple(clips), 1.0)


@pytest.fixture(scope="session")
def small_encoder(sound_encoder):
    """An untrained sound encoder like `sound_encoder`, of three narrow blocks."""
    torch.manual_seed(2)
    vit = build_encoder(
        "vit_tiny",
        input_size=sound_encoder.config.input_size,
        patch_size=sound_encoder.config.patch_size,
        channels=1,
        depth=3,
        embed_dim=48,
        num_heads=2,
    )
    return SoundEncoder(vit, sound_encoder.config).eval()


@pytest.fixture
def training(small_encoder, low_or_high):
    """Makes a fine-tuning on the first fold, or on a changed one."""

    def made(seed=0, *, clips=None, fold=None, task=None, score_epochs=False, **settings):
        spectrograms, usual = low_or_high
        task = task or usual
        return Finetuning(
            small_encoder,
            clips or spectrograms,
            task,
            fold or next(task.folds()),
            seed=seed,
            protocol=FinetuneProtocol(**NOTHING | {"epochs": 2, "batch_size": 6, "lr": 5e-4} | settings),
            score_epochs=score_epochs,
        )

    return made


@pytest.fixture
def everything():
    return EVERYTHING
