"""Colours of a random palette: their mean, their principal axes, and the distribution along each.

Source: Baradad et al., "Learning to See by Looking at Noise", NeurIPS 2021: a picture of stripes, each of
one colour, blurred, with a little noise; a picture is made along the axes and then turned back into RGB.
"""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.marginals import histogram
from patterngen.kernels.jit import kernel
from patterngen.rng import State, below, uniform

SHADES = 256
"""Values of a channel: colours lie in [0, 256)³, as bytes do."""
WIDEST_BLUR = 10
NOISE = 10.0
BINS = 256
_ROWS = 16
"""Rows of the picture of stripes. They differ by the noise alone, so a few tell its law."""


@kernel
def stripes(s: State, count: int, blur: int, size: int) -> NDArray[np.float64]:
    """Draw a picture of `count` stripes, float64 [rows · size, 3], stretched to values 0 … 256.

    Colours are uniform, widths uniform and then scaled to fill the picture. A box of `blur` pixels blurs
    across the stripes; each pixel and channel has its own noise.
    """
    colours = np.empty((count, 3))
    ends = np.empty(count)
    total = 0.0
    for i in range(count):
        total += 0.001 + uniform(s, 0.0, 1.0)
        ends[i] = total
        for channel in range(3):
            colours[i, channel] = uniform(s, 0.0, SHADES)
    sums = np.zeros((size + 1, 3))
    stripe = 0
    for column in range(size):
        while stripe < count - 1 and (column + 0.5) / size * total > ends[stripe]:
            stripe += 1
        sums[column + 1] = sums[column] + colours[stripe]
    pixels = np.empty((_ROWS * size, 3))
    for column in range(size):
        first, last = max(column - blur // 2, 0), min(column - blur // 2 + blur, size)
        for row in range(_ROWS):
            for channel in range(3):
                mean = (sums[last, channel] - sums[first, channel]) / (last - first)
                pixels[row * size + column, channel] = mean + uniform(s, 0.0, NOISE)
    low, high = pixels.min(), pixels.max()
    pixels -= low
    pixels *= SHADES / (high - low)
    return pixels


@kernel
def _turn(matrix: NDArray[np.float64], p: int, q: int, c: float, t: float) -> None:
    """Turn columns p and q of a matrix by the angle of cosine c and tangent t."""
    for k in range(matrix.shape[0]):
        x, y = matrix[k, p], matrix[k, q]
        matrix[k, p], matrix[k, q] = c * (x - t * y), c * (t * x + y)


@kernel
def principal_axes(scatter: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the eigenvectors of a symmetric [3, 3] as columns, the largest eigenvalue first; overwrites it.

    Source: Jacobi's method (1846). LAPACK would give other last bits on other processors.
    """
    axes = np.eye(3)
    for _ in range(8):  # sweeps converge quadratically: eight are more than enough
        for p in range(2):
            for q in range(p + 1, 3):
                if scatter[p, q] != 0.0:
                    ratio = (scatter[q, q] - scatter[p, p]) / (2.0 * scatter[p, q])
                    t = math.copysign(1.0, ratio) / (abs(ratio) + math.sqrt(1.0 + ratio * ratio))
                    c = 1.0 / math.sqrt(1.0 + t * t)
                    _turn(scatter, p, q, c, t)
                    _turn(scatter.T, p, q, c, t)
                    _turn(axes, p, q, c, t)
    return axes[:, np.argsort(-np.diag(scatter))]


@kernel
def colour_model(
    s: State, low: int, high: int, size: int
) -> tuple[int, int, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Draw a palette and describe its colours.

    Args:
        s: the random stream.
        low: fewest colours.
        high: most colours.
        size: pixels across the stripes.

    Returns:
        How many colours; the blur in pixels; the mean, [3]; the principal axes, one a column of [3, 3], the
        widest first; the distribution along each, a law per axis, [3, 2, 257].
    """
    count = low + below(s, high - low + 1)
    blur = 1 + below(s, WIDEST_BLUR)
    pixels = stripes(s, count, blur, size)
    mean = np.empty(3)
    for channel in range(3):
        mean[channel] = pixels[:, channel].mean()
        for pixel in pixels:
            pixel[channel] -= mean[channel]
    scatter = np.zeros((3, 3))
    for pixel in pixels:
        for p in range(3):
            for q in range(3):
                scatter[p, q] += pixel[p] * pixel[q]
    axes = principal_axes(scatter)
    laws = np.empty((3, 2, BINS + 1))
    for axis in range(3):
        along = pixels[:, 0] * axes[0, axis] + pixels[:, 1] * axes[1, axis] + pixels[:, 2] * axes[2, axis]
        law = histogram(along, BINS)
        for side in range(2):
            for edge in range(BINS + 1):
                laws[axis, side, edge] = law[side, edge]
    return count, blur, mean, axes, laws
