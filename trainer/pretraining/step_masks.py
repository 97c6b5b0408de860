"""The masks of one step: the same however the step is divided into batches and ranks."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from trainer.model.mae import MaskedAutoencoder

MASK_GROUP = 32
"""Pictures whose masks are drawn together, at any batch size and on any number of ranks."""


def masks_of_step(model: MaskedAutoencoder, seed: int, step: int, first: int, pictures: Tensor) -> Tensor:
    """Draw the masks of some pictures of a step.

    They follow from the seed, the step and the place of a picture in it, and not from how a step is divided
    into batches and ranks.

    Args:
        model: whose masks they are.
        seed: of the run.
        step: number of steps taken before this one.
        first: place in the step of the first of the pictures.
        pictures: bytes [B, C, H, W]: those whose masks they are.

    Returns:
        int64 [K, B, L], as from `MaskedAutoencoder.draw_masks`.
    """
    count = len(pictures)
    groups = range(first // MASK_GROUP, (first + count - 1) // MASK_GROUP + 1)
    start = first - groups.start * MASK_GROUP
    weights = model.mask_weights(pictures)
    if weights is not None:  # of pictures that are not here the masks are drawn too, and thrown away
        after = len(groups) * MASK_GROUP - start - count
        weights = functional.pad(weights, (0, 0, start, after), value=1.0)
    drawn = []
    for number, group in enumerate(groups):
        # torch's generator takes 32 bits of a seed: these are mixed from all that it depends on.
        mixed = int(np.random.SeedSequence((seed, step, group)).generate_state(1)[0])
        part = None if weights is None else weights[number * MASK_GROUP :][:MASK_GROUP]
        drawn.append(model.draw_masks(MASK_GROUP, torch.Generator().manual_seed(mixed), part))
    return torch.cat(drawn, dim=1)[:, start : start + count]
