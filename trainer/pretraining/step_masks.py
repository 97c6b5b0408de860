"""The masks of one step: the same however the step is divided into batches and ranks."""

import numpy as np
import torch
from torch import Tensor

from trainer.model.mae import MaskedAutoencoder

MASK_GROUP = 32
"""Pictures whose masks are drawn together, at any batch size and on any number of ranks."""


def masks_of_step(model: MaskedAutoencoder, seed: int, step: int, first: int, count: int) -> Tensor:
    """Draw the masks of some pictures of a step.

    They follow from the seed, the step and the place of a picture in it, and not from how a step is divided
    into batches and ranks.

    Args:
        model: whose masks they are.
        seed: of the run.
        step: number of steps taken before this one.
        first: place in the step of the first of the pictures.
        count: how many pictures.

    Returns:
        int64 [K, count, L], as from `MaskedAutoencoder.draw_masks`.
    """
    groups = range(first // MASK_GROUP, (first + count - 1) // MASK_GROUP + 1)
    drawn = []
    for group in groups:
        # torch's generator takes 32 bits of a seed: these are mixed from all that it depends on.
        mixed = int(np.random.SeedSequence((seed, step, group)).generate_state(1)[0])
        drawn.append(model.draw_masks(MASK_GROUP, torch.Generator().manual_seed(mixed)))
    start = first - groups.start * MASK_GROUP
    return torch.cat(drawn, dim=1)[:, start : start + count]
