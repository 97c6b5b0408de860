"""Settings of small untrained encoders, for tests of what is done with one."""

from trainer.encoders.config import EncoderConfig
from trainer.sound.logmel import LogMel


def small_config(bands: int, frames: int, *, logmel: LogMel | None = None, **changed) -> EncoderConfig:
    """Return the settings of a sound encoder of so many bands × frames, in patches of 16 × 16."""
    plain = {"model": "vit_tiny", "patch_size": (16, 16), "channels": 1, "mean": -4.0, "std": 3.0}
    logmel = logmel or LogMel(n_mels=bands)
    return EncoderConfig(**plain | {"input_size": (bands, frames), "logmel": logmel} | changed)
