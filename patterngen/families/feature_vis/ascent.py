"""Steepest ascent to what excites some units of a network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from patterngen.families.feature_vis.colour_spectrum import ColourSpectrum
from patterngen.families.feature_vis.encoders import Encoder
from patterngen.families.feature_vis.views import draw_views, look

DEVIATION = 0.01
"""Standard deviation of the coefficients that ascent starts from."""

RATE = 0.05
"""Step of Adam."""


@dataclass(frozen=True)
class Climb:
    """How some pictures came to be.

    Attributes:
        pictures: float32 [N, 3, H, H], values between 0 and 1.
        objective: float32 [steps, N]: the mean activation of a picture's units at each step.
    """

    pictures: Tensor
    objective: Tensor


def climb(
    encoder: Encoder,
    space: ColourSpectrum,
    units: Sequence[tuple[int, int]],
    streams: Sequence[np.random.Generator],
    steps: int,
) -> Climb:
    """Maximise the mean activation of two units for each picture (one unit: twice the same).

    The picture and its views stay on the CPU: on a GPU the gradient of interpolation is added up in no fixed
    order. Pictures know nothing of one another: each coefficient has its own gradient, and Adam works on each
    coefficient by itself.

    Args:
        encoder: the network.
        space: what to climb in.
        units: two for each picture.
        streams: of random numbers, one for each picture: its start and its views.
        steps: of Adam, 1 at least.
    """
    start = np.stack([rng.standard_normal(space.shape, np.float32) for rng in streams])
    views = torch.from_numpy(np.stack([draw_views(rng, steps) for rng in streams], axis=1))
    coefficients = torch.from_numpy(start).mul_(DEVIATION).requires_grad_()
    optimiser = torch.optim.Adam([coefficients], lr=RATE)
    chosen = torch.tensor(units)
    objective = []
    for view in views:
        activations = encoder(look(space.pictures(coefficients), view))
        excitement = activations.gather(1, chosen).mean(1)
        objective.append(excitement.detach())
        optimiser.zero_grad()
        excitement.sum().neg().backward()
        optimiser.step()
    with torch.no_grad():
        return Climb(space.pictures(coefficients), torch.stack(objective))
