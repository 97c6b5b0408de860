"""Diamond–square: a random terrain by halving a grid.

Fournier, Fussell & Carpenter, "Computer rendering of stochastic models", CACM 25 (1982).
"""

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels import State, kernel, uniform


@kernel
def side_for(size: int) -> int:
    """Return the side 2^k + 1 of the smallest grid that holds a picture of this size."""
    side = 1
    while side + 1 < size:
        side *= 2
    return side + 1


@kernel
def raise_terrain(s: State, decay: float, heights: NDArray[np.float32]) -> None:
    """Fill heights float32 [2^k + 1, 2^k + 1] with a terrain.

    Each grid point is the mean of its neighbours of the coarser grid plus U(−1, 1) · decay^level: the
    smaller the decay, the smoother.
    """
    last = heights.shape[0] - 1
    for row in (0, last):
        for column in (0, last):
            heights[row, column] = uniform(s, -1.0, 1.0)
    step = last
    amplitude = 1.0
    while step > 1:
        half = step // 2
        for row in range(half, last, step):  # the middle of each square
            for column in range(half, last, step):
                above = heights[row - half, column - half] + heights[row - half, column + half]
                under = heights[row + half, column - half] + heights[row + half, column + half]
                heights[row, column] = 0.25 * (above + under) + amplitude * uniform(s, -1.0, 1.0)
        for row in range(0, last + 1, half):  # the middle of each side, where a neighbour may be missing
            for column in range(half if row % step == 0 else 0, last + 1, step):
                total = 0.0
                neighbours = 0
                if row > 0:
                    total += heights[row - half, column]
                    neighbours += 1
                if row < last:
                    total += heights[row + half, column]
                    neighbours += 1
                if column > 0:
                    total += heights[row, column - half]
                    neighbours += 1
                if column < last:
                    total += heights[row, column + half]
                    neighbours += 1
                heights[row, column] = total / neighbours + amplitude * uniform(s, -1.0, 1.0)
        step = half
        amplitude *= decay
