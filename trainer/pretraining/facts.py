"""What a run found out before its first step: facts.json, for those who read the run later."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from patterngen.storage.files import atomic_file
from patterngen.storage.texts import parse_json
from trainer.model.mae import MaskedAutoencoder
from trainer.model.patches import patchify

FILE = "facts.json"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a run's settings came to with its pictures.

    Attributes:
        pictures: how many one pass over the data holds.
        steps: optimiser steps of the whole schedule.
        batch: pictures in a step, of all processes together.
        floor: the loss of predicting the mean: that of a model that says the same, and the best it can, for
            every pixel of every patch; None where the loss is not about pixels alone.
    """

    pictures: int
    steps: int
    batch: int
    floor: float | None


def loss_of_the_mean(model: MaskedAutoencoder, images: Tensor) -> float | None:
    """Return the loss of predicting the mean of the targets, which is their variance.

    Args:
        model: gives the targets.
        images: standardised [B, C, H, W].
    """
    if not model.predicts_pixels or model.contrast is not None or model.roll_head is not None:
        return None
    with torch.no_grad():
        target = model.pixel_target(patchify(images, model.patch_size))
    return target.var(correction=0).item()


def write_facts(run: Path, facts: Facts) -> None:
    """Write the facts of a run into its folder."""
    with atomic_file(run / FILE) as file:
        file.write((json.dumps(asdict(facts), indent=2) + "\n").encode())


def read_facts(run: Path) -> Facts | None:
    """Read the facts of a run, if it has any that can be read."""
    try:
        return Facts(**parse_json((run / FILE).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
