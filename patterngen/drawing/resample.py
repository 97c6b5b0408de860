"""Stretching a small field over a picture, smoothly."""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel


@kernel
def _taps(sites: int, size: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return, for each of `size` pixels over a ring of sites, the four nearest sites and their weights.

    The weights are those of the cubic through the sites with central differences for slopes (Catmull & Rom,
    "A class of local interpolating splines", 1974).
    """
    place = np.empty((size, 4), np.int64)
    weight = np.empty((size, 4), np.float32)
    for n in range(size):
        x = (n + 0.5) * sites / size - 0.5
        first = math.floor(x)
        t = x - first
        for k in range(4):
            place[n, k] = (int(first) + k - 1) % sites
        weight[n, 0] = 0.5 * t * (t * (2.0 - t) - 1.0)
        weight[n, 1] = 0.5 * (t * t * (3.0 * t - 5.0) + 2.0)
        weight[n, 2] = 0.5 * t * (t * (4.0 - 3.0 * t) + 1.0)
        weight[n, 3] = 0.5 * t * t * (t - 1.0)
    return place, weight


@kernel
def stretch(lattice: NDArray[np.float32], field: NDArray[np.float32]) -> None:
    """Interpolate a lattice whose opposite sides meet, smoothly, at every pixel of a field [size, size].

    Args:
        lattice: float32 [sites + 2, sites + 2]; the outermost rows and columns, copies of those opposite, are
            not read.
        field: overwritten.
    """
    size = field.shape[0]
    place, weight = _taps(lattice.shape[0] - 2, size)
    line = np.empty(lattice.shape[1] - 2, np.float32)
    for row in range(size):
        w0, w1, w2, w3 = weight[row]
        a, b, c, d = (
            lattice[place[row, 0] + 1],
            lattice[place[row, 1] + 1],
            lattice[place[row, 2] + 1],
            lattice[place[row, 3] + 1],
        )
        for n in range(len(line)):
            line[n] = (w0 * a[n + 1] + w1 * b[n + 1]) + (w2 * c[n + 1] + w3 * d[n + 1])
        out = field[row]
        for n in range(size):
            near = weight[n, 0] * line[place[n, 0]] + weight[n, 1] * line[place[n, 1]]
            out[n] = near + (weight[n, 2] * line[place[n, 2]] + weight[n, 3] * line[place[n, 3]])
