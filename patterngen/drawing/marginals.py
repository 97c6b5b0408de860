"""Giving a field the distribution of values that was asked for: histogram matching.

A value that exceeds a share p of the field's values becomes the p-quantile of the law asked for. Sorting
would find p exactly; counting in narrow bins finds it far faster, and exactly at the bins' edges. Between
two edges the result is a straight line, as in the histogram matching of Heeger and Bergen, "Pyramid-based
texture analysis/synthesis", SIGGRAPH 1995.
"""

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel
from patterngen.numba_math import exp, power

Law = NDArray[np.float64]
"""A distribution on an interval, float64 [2, K]: probabilities 0 … 1 and the quantiles they belong to.

Both ascend; in between, the distribution function is a straight line.
"""

BINS = 2048
"""Most bins of a field's range; a field of fewer than twice as many values takes fewer."""
_NEGLIGIBLE = 32.0
"""Value of |x/σ|^ρ from which on there is next to nothing."""
_TINY = np.float32(1e-30)
NODES = 256
"""Pieces of each half of a generalised Gaussian's distribution function."""


@kernel
def generalised_gaussian(scale: float, shape: float, limit: float) -> Law:
    """Return the law on [−limit, limit] of density ∝ exp(−|x/σ|^ρ), given `scale` 1/σ and `shape` ρ.

    Between two nodes the density runs straight. Where it has a peak and long tails, ρ < 1, the nodes are
    equally spaced in |x/σ|^ρ, so that it falls by the same factor from each to the next; else in x.
    """
    reach = power(limit * scale, shape) if scale > 0.0 else 0.0
    if reach > _NEGLIGIBLE:
        limit *= power(_NEGLIGIBLE / reach, 1.0 / shape)
        reach = _NEGLIGIBLE
    law = np.zeros((2, 2 * NODES + 1))
    before = 1.0
    for i in range(1, NODES + 1):
        part = i / NODES
        law[1, NODES + i] = limit * (power(part, 1.0 / shape) if shape < 1.0 else part)
        density = exp(-reach * (part if shape < 1.0 else power(part, shape)))
        step = law[1, NODES + i] - law[1, NODES + i - 1]
        law[0, NODES + i] = law[0, NODES + i - 1] + 0.5 * (before + density) * step
        before = density
    half = law[0, 2 * NODES]
    for i in range(NODES + 1):
        law[0, NODES + i] = 0.5 + 0.5 * law[0, NODES + i] / half
        law[0, NODES - i] = 1.0 - law[0, NODES + i]
        law[1, NODES - i] = -law[1, NODES + i]
    return law


@kernel
def histogram(values: NDArray[np.float64], bins: int) -> Law:
    """Return the law that a histogram of some values shows, its bins equal parts of their range."""
    low, high = values.min(), values.max()
    per_unit = bins / (high - low) if high > low else 0.0
    law = np.zeros((2, bins + 1))
    for value in values:
        law[0, 1 + min(int((value - low) * per_unit), bins - 1)] += 1.0
    for i in range(bins + 1):
        law[0, i] = law[0, i] / len(values) + law[0, max(i - 1, 0)]
        law[1, i] = low + (high - low) * i / bins
    return law


@kernel
def _extent(field: NDArray[np.float32], width: int) -> tuple[np.float32, np.float32]:
    """Return the lowest and the highest value of the first `width` columns."""
    low, high = field[0, :width].copy(), field[0, :width].copy()
    for row in range(field.shape[0]):
        for column in range(width):  # a minimum per column: these fill vector registers
            value = field[row, column]
            low[column] = value if value < low[column] else low[column]
            high[column] = value if value > high[column] else high[column]
    return low.min(), high.max()


@kernel
def match(field: NDArray[np.float32], width: int, law: Law) -> None:
    """Give the values of a picture, float32 [M, W], the distribution of a law; a flat picture stays flat.

    Order is kept, as far as float32 tells values apart. Columns from `width` on are left alone.
    """
    height = field.shape[0]
    low, high = _extent(field, width)
    if not high - low > _TINY:
        return
    bins = max(min(BINS, height * width // 2), 1)
    # Just below: the highest value lies in the last bin, not behind it.
    per_unit = np.float32(bins * (1.0 - 2.0**-20) / (high - low))
    counts = np.zeros(bins, np.int32)
    places = np.empty(width, np.float32)
    cells = np.empty(width, np.int32)
    for row in range(height):
        for column in range(width):  # apart from the counting, so that it fills vector registers
            cells[column] = np.int32((field[row, column] - low) * per_unit)
        for column in range(width):
            counts[cells[column]] += 1
    start, rise = _quantiles(counts, law)
    for row in range(height):
        for column in range(width):
            place = (field[row, column] - low) * per_unit
            cells[column] = np.int32(place)
            places[column] = place - np.float32(cells[column])
        for column in range(width):
            cell = cells[column]
            field[row, column] = start[cell] + places[column] * rise[cell]


@kernel
def _quantiles(counts: NDArray[np.int32], law: Law) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the law's quantile at each bin's lower edge, and how far it is from there to the next."""
    start = np.empty(len(counts), np.float32)
    rise = np.empty(len(counts), np.float32)
    each = 1.0 / counts.sum()
    below = 0
    node = 0
    here = np.float32(law[1, 0])
    for i in range(len(counts)):
        start[i] = here
        if counts[i]:
            below += counts[i]
            p = below * each
            while node < law.shape[1] - 2 and law[0, node + 1] < p:
                node += 1
            gain = law[0, node + 1] - law[0, node]
            part = min((p - law[0, node]) / gain, 1.0) if gain > 0.0 else 1.0
            here = np.float32(law[1, node] + part * (law[1, node + 1] - law[1, node]))
        rise[i] = here - start[i]
    return start, rise
