"""Correlations and paired differences with intervals and p-values, and Holm's correction.

Letters in shapes: n units (datasets, or pairs), K variables held fixed, B resamples.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from trainer.results.intervals import Resampled
from trainer.study.plan import Method

Numbers = NDArray[np.float64]
FEWEST = 4
"""Units below which nothing is said of how sure an estimate is; one more for each measure held fixed."""
RESAMPLES = 4000
_EXACT = 12
"""Pairs up to which every choice of signs is tried."""
_SEED = 17


@dataclass(frozen=True)
class Estimate:
    """An estimate with how sure it is.

    Attributes:
        value: correlation in [−1, 1], or mean difference.
        low: lower end of the 95 % interval; NaN where there are too few units.
        high: upper end of the 95 % interval.
        p: chance of a value as far from 0 where there is nothing; NaN where there are too few units.
        n: number of units: datasets, or pairs.
    """

    value: float
    low: float
    high: float
    p: float
    n: int

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of 0."""
        return self.low > 0 or self.high < 0


def correlation(
    x: Sequence[float],
    y: Sequence[float],
    *,
    method: Method,
    given: Sequence[Sequence[float]] = (),
    groups: Sequence[str] | None = None,
    value_only: bool = False,
) -> Estimate:
    """Correlate two measures of n units.

    The interval is by the bootstrap over units (within their groups where groups are given), widened as small
    samples need (see `Resampled`). The p-value is of permutations of y: of what is left of it where other
    measures are held fixed (Kennedy, "Randomization tests in econometrics", 1995), within groups alone.

    Args:
        x: of each unit.
        y: of each unit.
        method: pearson, or spearman, which is Pearson's of the ranks.
        given: measures to hold fixed, each of all units; the correlation is then partial.
        groups: groups of the units; what they differ in is taken off.
        value_only: leave out how sure it is.

    Returns:
        The estimate; NaN where a measure does not vary.
    """
    values = np.array([x, y, *given], np.float64)
    n = values.shape[1]
    order, sizes = _grouped(groups, n)
    values = values[:, order]
    rng = np.random.default_rng(_SEED)
    value = float(_correlations(values[:, None], sizes, method)[0]) if n > 1 else math.nan
    if n < FEWEST + len(given) or math.isnan(value) or value_only:
        return Estimate(value, math.nan, math.nan, math.nan, n)
    drawn = _within(sizes, lambda size: rng.integers(0, size, (RESAMPLES, size)))
    resampled = Resampled(_correlations(values[:, drawn], sizes, method), n - len(sizes), "")
    low, high = resampled.interval()
    x_left, y_left, held = _left_over(values, sizes, method)
    shuffled = y_left[_within(sizes, lambda size: rng.random((RESAMPLES, size)).argsort(axis=1))]
    own, others = abs(float(x_left @ y_left)), np.abs(shuffled @ x_left)
    if len(given):  # the more of a permutation the others explain, the less is left to correlate with
        left = np.linalg.norm(shuffled - shuffled @ held @ held.T, axis=1) / np.linalg.norm(y_left)
        others = others / np.maximum(left, 1e-12)
    p = (1 + int((others >= own * (1 - 1e-12)).sum())) / (1 + RESAMPLES)
    return Estimate(value, max(low, -1.0), min(high, 1.0), p, n)


def mean_difference(differences: Sequence[float], *, value_only: bool = False) -> Estimate:
    """Average paired differences; their signs are turned for the p-value, pairs drawn for the interval."""
    values = np.array(differences, np.float64)
    n = len(values)
    value = float(values.mean()) if n else math.nan
    if n < FEWEST or value_only:
        return Estimate(value, math.nan, math.nan, math.nan, n)
    rng = np.random.default_rng(_SEED)
    drawn = values[rng.integers(0, n, (RESAMPLES, n))].mean(axis=1)
    low, high = Resampled(drawn, n - 1, "").interval()
    if n <= _EXACT:
        signs = np.array(list(itertools.product((1.0, -1.0), repeat=n)))
        p = float((np.abs(signs @ values) >= abs(values.sum()) * (1 - 1e-12)).mean())
    else:
        signs = rng.choice((1.0, -1.0), (RESAMPLES, n))
        p = (1 + int((np.abs(signs @ values) >= abs(values.sum()) * (1 - 1e-12)).sum())) / (1 + RESAMPLES)
    return Estimate(value, low, high, p, n)


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values for their number; NaN stays, and counts as one of them.

    Source: Holm, "A simple sequentially rejective multiple test procedure", 1979.
    """
    order = sorted(range(len(p_values)), key=lambda i: (math.isnan(p_values[i]), p_values[i]))
    corrected = [math.nan] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(order):
        if math.isnan(p_values[place]):
            break
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def _grouped(groups: Sequence[str] | None, n: int) -> tuple[NDArray[np.intp], list[int]]:
    """Return an order in which groups lie together, and their sizes."""
    if groups is None:
        return np.arange(n), [n]
    names = list(dict.fromkeys(groups))
    numbers = np.array([names.index(name) for name in groups], np.intp)
    return np.argsort(numbers, kind="stable"), np.bincount(numbers).tolist()


def _within(sizes: Sequence[int], choose: Callable[[int], NDArray[np.int64]]) -> NDArray[np.intp]:
    """Choose units [B, n] for each group from its own."""
    begins = np.cumsum([0, *sizes[:-1]])
    return np.concatenate([begin + choose(size) for begin, size in zip(begins, sizes, strict=True)], axis=1)


def _centred(values: Numbers, sizes: Sequence[int], method: Method) -> Numbers:
    """Return values [V, B, n], or their ranks, less the mean of their group, along the last axis."""
    ends = np.cumsum(sizes)
    parts = []
    for end, size in zip(ends, sizes, strict=True):
        part = values[..., end - size : end]
        part = rankdata(part, axis=-1) if method == "spearman" else part
        parts.append(part - part.mean(axis=-1, keepdims=True))
    return np.concatenate(parts, axis=-1)


def _correlations(values: Numbers, sizes: Sequence[int], method: Method) -> Numbers:
    """Correlate the first two of [2 + K, B, n], the others held fixed: [B], NaN where nothing varies."""
    centred = _centred(values, sizes, method)
    products = np.einsum("ibn,jbn->bij", centred, centred)
    scale = np.sqrt(np.einsum("bii->bi", products))
    varies = (scale > 1e-12 * (1 + np.abs(values).max())).all(axis=1)
    found = np.full(len(products), np.nan)
    scale = scale[varies]
    matrices = products[varies] / (scale[:, :, None] * scale[:, None, :])
    if values.shape[0] == 2:
        found[varies] = matrices[:, 0, 1].clip(-1, 1)
        return found
    inverse = np.linalg.pinv(matrices, rcond=1e-8, hermitian=True)
    square = inverse[:, 0, 0] * inverse[:, 1, 1]
    found[varies] = np.where(
        square > 1e-12, -inverse[:, 0, 1] / np.sqrt(np.maximum(square, 1e-12)), np.nan
    ).clip(-1, 1)
    return found


def _left_over(values: Numbers, sizes: Sequence[int], method: Method) -> tuple[Numbers, Numbers, Numbers]:
    """Take the others and the groups off the first two of [2 + K, n].

    Returns:
        What is left of the two, [n] each, and orthonormal axes of the others, [n, at most K].
    """
    first, second, *others = _centred(values[:, None], sizes, method)[:, 0]
    if not others:
        return first, second, np.zeros((len(first), 0))
    axes, scales, _ = np.linalg.svd(np.stack(others, axis=1), full_matrices=False)
    held = axes[:, scales > 1e-10 * max(scales.max(), 1e-300)]
    return first - held @ (held.T @ first), second - held @ (held.T @ second), held
