"""Real clips as inputs of a run, to look at or to be measured by; never to learn from."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from patterngen.sizes import parse_pair
from trainer.pretraining.config import InputConfig
from trainer.sound.clips import load_logmels, mean_and_std
from trainer.sound.logmel import LogMel, standardise

_FRAMES = 208
"""Log-mel frames of a clip that are looked at, as many as `trainer transfer` gives an encoder at once."""


class ClipInputs(NamedTuple):
    """The beginnings of clips, as a run's encoder sees pictures.

    Attributes:
        images: [N, C, H, W], standardised.
        mean: what was subtracted.
        std: what they were divided by.
    """

    images: Tensor
    mean: float
    std: float


def clip_inputs(config: InputConfig, files: Sequence[Path]) -> ClipInputs:
    """Make inputs of a run's size from the beginnings of clips, standardised by their own statistics.

    Args:
        config: of the run.
        files: the clips.

    Raises:
        TrainerError: a clip that cannot be read.
    """
    logmel = LogMel(range_db=50.0)
    seconds = logmel.samples(_FRAMES) / logmel.sample_rate
    clips = load_logmels(files, logmel, clip_seconds=seconds)
    mean, std = mean_and_std(clips)
    whole = [functional.pad(clip, (0, _FRAMES - clip.shape[1]), value=logmel.silence) for clip in clips]
    images = standardise(torch.stack(whole)[:, None], mean, std)
    fitted = functional.interpolate(images, parse_pair(config.image_size), mode="bilinear", antialias=True)
    return ClipInputs(fitted.expand(-1, config.channels, -1, -1), mean, std)
