"""Stretching a small field over a picture, smoothly."""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel


@kernel
def _taps(pixels: int, ring: int, sites: int, size: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return, for each of some pixels over a ring of sites, the four nearest sites and their weights.

    There are `sites` sites to `size` pixels. The weights are those of the cubic through the sites with
    central differences for slopes (Catmull & Rom, "A class of local interpolating splines", 1974).
    """
    place = np.empty((pixels, 4), np.int64)
    weight = np.empty((pixels, 4), np.float32)
    for n in range(pixels):
        x = (n + 0.5) * sites / size - 0.5
        first = math.floor(x)
        t = x - first
        for k in range(4):
            place[n, k] = (int(first) + k - 1) % ring
        weight[n, 0] = 0.5 * t * (t * (2.0 - t) - 1.0)
        weight[n, 1] = 0.5 * (t * t * (3.0 * t - 5.0) + 2.0)
        weight[n, 2] = 0.5 * t * (t * (4.0 - 3.0 * t) + 1.0)
        weight[n, 3] = 0.5 * t * t * (t - 1.0)
    return place, weight


@kernel
def stretch(lattice: NDArray[np.float32], field: NDArray[np.float32]) -> None:
    """Interpolate a lattice whose opposite sides meet, smoothly, at every pixel of a field [H, W].

    The longer sides of both are equally long; what the lattice then has in excess is not shown.

    Args:
        lattice: float32 [rows + 2, columns + 2]; the outermost rows and columns, copies of those opposite,
            are not read.
        field: overwritten.
    """
    height, width = field.shape
    rows, columns = lattice.shape[0] - 2, lattice.shape[1] - 2
    sites, size = max(rows, columns), max(height, width)
    row_place, row_weight = _taps(height, rows, sites, size)
    place, weight = _taps(width, columns, sites, size)
    line = np.empty(columns, np.float32)
    for row in range(height):
        w0, w1, w2, w3 = row_weight[row]
        a, b, c, d = (
            lattice[row_place[row, 0] + 1],
            lattice[row_place[row, 1] + 1],
            lattice[row_place[row, 2] + 1],
            lattice[row_place[row, 3] + 1],
        )
        for n in range(len(line)):
            line[n] = (w0 * a[n + 1] + w1 * b[n + 1]) + (w2 * c[n + 1] + w3 * d[n + 1])
        out = field[row]
        for n in range(width):
            near = weight[n, 0] * line[place[n, 0]] + weight[n, 1] * line[place[n, 1]]
            out[n] = near + (weight[n, 2] * line[place[n, 2]] + weight[n, 3] * line[place[n, 3]])
