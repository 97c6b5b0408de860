"""Gradient noise and its sums over octaves: the fields under `perlin` and `fbm`.

Perlin, "Improving noise", SIGGRAPH 2002: at every point of the integer lattice sits a gradient; within a
cell the four planes they span are blended by the quintic fade 6t⁵ − 15t⁴ + 10t³, so that the noise is zero
at lattice points and its first two derivatives are continuous. The lattice repeats every 256 cells.
"""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels import State, below, cos_sin, kernel

PERIOD = 256
"""Cells after which the noise repeats."""


@kernel
def lattice(s: State) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Draw a permutation of 0 … 255, written twice, [512]; return it with 256 unit gradients [256, 2]."""
    permutation = np.arange(2 * PERIOD)
    for i in range(PERIOD - 1, 0, -1):
        j = below(s, i + 1)
        permutation[i], permutation[j] = permutation[j], permutation[i]
    permutation[PERIOD:] = permutation[:PERIOD]
    gradients = np.empty((PERIOD, 2))
    for i in range(PERIOD):
        gradients[i] = cos_sin(i / PERIOD)
    return permutation, gradients


@kernel
def _fade(t: float) -> float:
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0)


@kernel
def noise(x: float, y: float, permutation: NDArray[np.int64], gradients: NDArray[np.float64]) -> float:
    """Return the noise at one point, in [−√½, √½]."""
    column = math.floor(x)
    row = math.floor(y)
    x -= column
    y -= row
    i = np.int64(column) & (PERIOD - 1)
    j = np.int64(row) & (PERIOD - 1)
    near = permutation[i] + j
    far = permutation[(i + 1) & (PERIOD - 1)] + j
    a = gradients[permutation[near]]
    b = gradients[permutation[far]]
    c = gradients[permutation[near + 1]]
    d = gradients[permutation[far + 1]]
    across = _fade(x)
    above = a[0] * x + a[1] * y
    above += across * (b[0] * (x - 1.0) + b[1] * y - above)
    under = c[0] * x + c[1] * (y - 1.0)
    under += across * (d[0] * (x - 1.0) + d[1] * (y - 1.0) - under)
    value: float = above + _fade(y) * (under - above)
    return value


@kernel
def add_noise(
    field: NDArray[np.float32],
    amplitude: float,
    step: float,
    x0: float,
    y0: float,
    permutation: NDArray[np.int64],
    gradients: NDArray[np.float64],
) -> None:
    """Add amplitude · noise(x0 + step · column, y0 + step · row) to every pixel of a field [H, W].

    Along a row the lattice's two rows of gradients can be blended once per cell instead of once per pixel:
    what is left per pixel are two straight lines and a fade, which fill the processor's vector lanes.
    """
    height, width = field.shape
    t = np.empty(width, np.float32)
    fade = np.empty(width, np.float32)
    cell = np.empty(width, np.uint64)  # unsigned: an index that need not be checked for its sign
    first = np.int64(math.floor(x0))
    for column in range(width):
        x = x0 + step * column
        cell[column] = np.int64(math.floor(x)) - first
        t[column] = x - math.floor(x)
        fade[column] = _fade(x - math.floor(x))
    cells = int(cell[width - 1]) + 1
    lines = np.empty((4, cells + 1), np.float32)
    for row in range(height):
        y = y0 + step * row
        j = np.int64(math.floor(y)) & (PERIOD - 1)
        y -= math.floor(y)
        down = _fade(y)
        for k in range(cells + 1):
            corner = permutation[(first + k) & (PERIOD - 1)] + j
            a = gradients[permutation[corner]]
            b = gradients[permutation[corner + 1]]
            lines[0, k] = amplitude * (a[1] * y + down * (b[1] * (y - 1.0) - a[1] * y))
            lines[1, k] = amplitude * (a[0] + down * (b[0] - a[0]))
        for k in range(cells):  # the right plane minus the left one: again a straight line
            lines[2, k] = lines[0, k + 1] - lines[1, k + 1] - lines[0, k]
            lines[3, k] = lines[1, k + 1] - lines[1, k]
        out = field[row]
        start, slope, more, steeper = lines[0], lines[1], lines[2], lines[3]
        for column in range(width):
            k = cell[column]
            left = start[k] + slope[k] * t[column]
            out[column] += left + fade[column] * (more[k] + steeper[k] * t[column])
