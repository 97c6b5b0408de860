"""Choosing fewer pictures so that what is left is balanced: stratified down-sampling.

Every function takes which pictures may be kept and returns which are; among equals chance decides, from a
generator that the caller seeds.
"""

import numpy as np
from numpy.typing import NDArray

from patterngen.dataset.scan import Mask
from patterngen.errors import PatternGenError
from patterngen.filtering.histogram import BINS, Histogram

Cells = NDArray[np.int32]


def equal_counts(mask: Mask, group: Cells, rng: np.random.Generator) -> Mask:
    """Keep equally many pictures of each group: as many as the smallest has.

    Args:
        mask: bool [N].
        group: int32 [N], 0 … G − 1, e.g. the family; a group of which nothing may be kept does not count.
        rng: decides which.
    """
    counts = np.bincount(group[mask])
    return _take(mask, group, np.full(len(counts), counts[counts > 0].min()), rng)


def equal_histograms(mask: Mask, group: Cells, tv: NDArray[np.float64], rng: np.random.Generator) -> Mask:
    """Keep equally many pictures of each group in every bin of Total Variation.

    The groups are then alike in Total Variation: what differs between them is something else.

    Raises:
        PatternGenError: there is no bin in which every group has a picture.
    """
    inner = np.quantile(tv[mask], np.linspace(0, 1, BINS + 1)[1:-1])
    groups = int(group.max()) + 1
    present = np.unique(group[mask])
    cell = _bin(tv, inner) * np.int32(groups) + group
    counts = np.bincount(cell[mask], minlength=BINS * groups).reshape(BINS, groups)
    shared = counts[:, present].min(1)
    if not shared.any():
        raise PatternGenError(
            "--equal tv: no range of Total Variation holds pictures of every family; "
            "choose families that overlap"
        )
    wanted = np.zeros_like(counts)
    wanted[:, present] = shared[:, None]
    return _take(mask, cell, wanted.reshape(-1), rng)


def match_histogram(mask: Mask, tv: NDArray[np.float64], target: Histogram, rng: np.random.Generator) -> Mask:
    """Keep as many pictures as can be kept with the target's histogram of Total Variation.

    Args:
        mask: bool [N].
        tv: float64 [N].
        target: what to be like; pictures beyond its outer edges are not like it.
        rng: decides which.

    Raises:
        PatternGenError: a part of the target's range has no picture.
    """
    want, edges = target.shares, target.edges
    mask = mask & (tv >= edges[0]) & (tv <= edges[-1])
    cell = _bin(tv, edges[1:-1])
    have = np.bincount(cell[mask], minlength=len(want))
    if np.any((want > 0) & (have == 0)):
        empty = int(np.flatnonzero((want > 0) & (have == 0))[0])
        raise PatternGenError(
            f"--match: no picture has tv {edges[empty]:.4g} … {edges[empty + 1]:.4g}, as "
            f"{100 * want[empty]:.1f} % of those to be matched have"
        )
    scale = np.min(have[want > 0] / want[want > 0])
    return _take(mask, cell, np.floor(scale * want + 1e-9).astype(np.int64), rng)


def sample(mask: Mask, count: int, rng: np.random.Generator) -> Mask:
    """Keep at most so many pictures, each equally likely."""
    return _take(mask, np.zeros(len(mask), np.int64), np.array([count]), rng)


def _bin(tv: NDArray[np.float64], inner: NDArray[np.float64]) -> Cells:
    """Return the bin of each picture, given the inner edges."""
    return np.digitize(tv, inner).astype(np.int32)


def _take(mask: Mask, cell: Cells, wanted: NDArray[np.int64], rng: np.random.Generator) -> Mask:
    """Keep at random, of the pictures of each cell, as many as are wanted."""
    order = np.flatnonzero(mask).astype(np.int32 if len(mask) < 2**31 else np.int64)
    rng.shuffle(order)
    order = order[np.argsort(cell[order], kind="stable")]
    kept = np.zeros_like(mask)
    # Those of one cell now lie side by side, in a random order: the first ones are kept.
    start = 0
    for number, there in enumerate(np.bincount(cell[order]).tolist()):
        kept[order[start : start + min(there, int(wanted[number]))]] = True
        start += there
    return kept
