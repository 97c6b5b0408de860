"""How a picture is seen at each step of its ascent: moved, turned and enlarged a little.

Olah, Mordvintsev & Schubert, "Feature Visualization", Distill (2017): without such changes ascent ends in
patterns that only the exact grid of pixels excites.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

PAD = 12
"""Gray pixels around the picture, so that it may move without being cut off."""

JITTER = (8, 4)
"""Whole pixels that the padded picture moves along each axis, at most, before and after it is turned."""

MARGIN = 2 * PAD - sum(JITTER)
"""Pixels by which a view is wider than the picture: what remains of the padding."""


def draw_views(rng: np.random.Generator, steps: int) -> NDArray[np.float32]:
    """Draw the views of one picture, float32 [steps, 6].

    Returns:
        Of each: turn in radians, U(−10°, 10°); scale, U(0.9, 1.1); shift along x and y in pixels before the
        turn, whole numbers of ±4; and the same after it, of ±2.
    """
    turn = rng.uniform(-math.radians(10), math.radians(10), (steps, 1))
    scale = rng.uniform(0.9, 1.1, (steps, 1))
    shifts = [rng.integers(0, jitter, (steps, 2), endpoint=True) - jitter / 2 for jitter in JITTER]
    return np.hstack([turn, scale, *shifts]).astype(np.float32)


def look(pictures: Tensor, views: Tensor) -> Tensor:
    """Show pictures [N, 3, H, H] of values in [0, 1], one by each view [N, 6], on gray.

    All that happens to a pixel on its way is one affine map, so it is interpolated once.

    Returns:
        [N, 3, H + 12, H + 12].
    """
    size = pictures.shape[-1]
    side = size + MARGIN
    turn, scale = views[:, 0], views[:, 1]
    before, after = views[:, 2:4], views[:, 4:6]
    c, s = torch.cos(turn) / scale, torch.sin(turn) / scale
    linear = torch.stack([torch.stack([c, -s], 1), torch.stack([s, c], 1)], 1)
    # From a place in the view to one in the picture, both from their middles and in units of half a width.
    offset = (linear @ after[:, :, None])[:, :, 0] + before
    theta = torch.cat([linear * (side / size), (offset * (2 / size))[:, :, None]], 2)
    grid = functional.affine_grid(theta, [len(pictures), 3, side, side], align_corners=False)
    # Outside the picture the sampler finds 0, which is gray here.
    return functional.grid_sample(pictures - 0.5, grid, align_corners=False) + 0.5
