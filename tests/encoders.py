"""Settings of small untrained encoders, for tests of what is done with one."""

from pathlib import Path

import torch

from trainer.encoders.config import EncoderConfig, new_encoder
from trainer.encoders.exported import export_encoder
from trainer.sound.logmel import LogMel


def small_config(bands: int, frames: int, *, logmel: LogMel | None = None, **changed) -> EncoderConfig:
    """Return the settings of a sound encoder of so many bands × frames, in patches of 16 × 16."""
    plain = {"model": "vit_tiny", "patch_size": (16, 16), "channels": 1, "mean": -4.0, "std": 3.0}
    logmel = logmel or LogMel(n_mels=bands)
    return EncoderConfig(**plain | {"input_size": (bands, frames), "logmel": logmel} | changed)


def write_picture_encoder(folder: Path, model: str) -> Path:
    """Export an untrained encoder of pictures: colour, 32², patches of 16; return the folder."""
    torch.manual_seed(1)
    config = EncoderConfig(
        model=model, input_size=(32, 32), patch_size=(16, 16), channels=3, mean=0.5, std=0.25
    )
    export_encoder(folder, config, new_encoder(config).state_dict())
    return folder
