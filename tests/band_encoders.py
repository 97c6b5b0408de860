"""Tones that tell the class, and two encoders: of the band that they lie in, and of one that they do not."""

from pathlib import Path

import numpy as np
import torch

from tests.encoders import small_config
from tests.recordings import write_clips
from trainer.encoders.config import new_encoder
from trainer.encoders.exported import export_encoder
from trainer.encoders.feature import Feature
from trainer.sound.logmel import LogMel

RATE = 16_000
CHANCE = 0.55
"""A score above chance by three deviations: a third of 48 clips, give or take 0.07."""
LEARNT = 0.75
"""A score that no encoder reaches without the tones."""


def write_tones(folder: Path, count: int = 48) -> None:
    """Write clips in two folds: a tone below 1.2 kHz tells the class, noise above 3 kHz tells none."""
    rng = np.random.default_rng(0)
    time = np.arange(RATE // 2) / RATE
    clips = []
    for i in range(count):
        kind = i % 3
        pitch = 250 * 2**kind * (1 + 0.02 * rng.standard_normal())
        tone = np.hanning(len(time)) * np.sin(2 * np.pi * pitch * time + rng.uniform(0, 6))
        spectrum = np.fft.rfft(rng.standard_normal(len(time)))
        place = (np.fft.rfftfreq(len(time), 1 / RATE) - rng.uniform(3500, 7000)) / 300
        noise = np.fft.irfft(spectrum * np.exp(-(place**2)))
        hiss = 0.001 * rng.standard_normal(len(time))
        clips.append((0.1 * tone + 0.05 * noise / noise.std() + hiss, "xyz"[kind], i // 3 % 2 + 1))
    write_clips(folder, clips)


def write_band_encoders(folder: Path, model: str) -> None:
    """Write two untrained encoders, equal but for their band: `low` has the classes in it."""
    for name, low, high in (("low", 50.0, 1500.0), ("high", 3000.0, 7500.0)):
        torch.manual_seed(0)
        logmel = LogMel(n_mels=16, f_min=low, f_max=high)
        config = small_config(16, 32, model=model, logmel=logmel, feature=Feature())
        export_encoder(folder / name, config, new_encoder(config).state_dict())
