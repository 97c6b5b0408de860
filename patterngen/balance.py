"""Choosing fewer pictures so that what is left is balanced: stratified down-sampling.

Every function takes which pictures may be kept and returns which are; among equals chance decides, from a
generator that the caller seeds.
"""

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError

Mask = NDArray[np.bool_]

BINS = 32
"""Bins of a histogram of Total Variation, each with as many pictures of what it was made from."""


def equal_counts(mask: Mask, group: NDArray[np.int64], rng: np.random.Generator) -> Mask:
    """Keep equally many pictures of each group: as many as the smallest has.

    Args:
        mask: bool [N].
        group: int64 [N], 0 … G − 1, e.g. the family; a group of which nothing may be kept does not count.
        rng: decides which.
    """
    counts = np.bincount(group[mask])
    return _take(mask, group, np.full(len(counts), counts[counts > 0].min()), rng)


def equal_histograms(
    mask: Mask, group: NDArray[np.int64], tv: NDArray[np.float64], rng: np.random.Generator
) -> Mask:
    """Keep equally many pictures of each group in every bin of Total Variation.

    The groups are then alike in Total Variation: what differs between them is something else.

    Raises:
        PatternGenError: there is no bin in which every group has a picture.
    """
    inner = np.quantile(tv[mask], np.linspace(0, 1, BINS + 1)[1:-1])
    groups, group = np.unique(group, return_inverse=True)
    present = np.unique(group[mask])
    cell = np.digitize(tv, inner) * len(groups) + group
    counts = np.bincount(cell[mask], minlength=BINS * len(groups)).reshape(BINS, len(groups))
    shared = counts[:, present].min(1)
    if not shared.any():
        raise PatternGenError(
            "--equal tv: no range of Total Variation holds pictures of every family; "
            "choose families that overlap"
        )
    wanted = np.zeros_like(counts)
    wanted[:, present] = shared[:, None]
    return _take(mask, cell, wanted.reshape(-1), rng)


def match_histogram(
    mask: Mask, tv: NDArray[np.float64], target: NDArray[np.float64], rng: np.random.Generator
) -> Mask:
    """Keep as many pictures as can be kept with the target's histogram of Total Variation.

    Args:
        mask: bool [N].
        tv: float64 [N].
        target: float64 [M], the Total Variations to be like.
        rng: decides which.

    Raises:
        PatternGenError: a part of the target's range has no picture.
    """
    inner = np.unique(np.quantile(target, np.linspace(0, 1, BINS + 1)[1:-1]))
    bins = len(inner) + 1
    want = np.bincount(np.digitize(target, inner), minlength=bins) / len(target)
    # The outer bins end where the target ends: what lies beyond is not like it.
    mask = mask & (tv >= target.min()) & (tv <= target.max())
    cell = np.digitize(tv, inner)
    have = np.bincount(cell[mask], minlength=bins)
    if np.any((want > 0) & (have == 0)):
        empty = int(np.flatnonzero((want > 0) & (have == 0))[0])
        edges = [target.min(), *inner, target.max()]
        raise PatternGenError(
            f"--match: no picture has tv {edges[empty]:.4g} … {edges[empty + 1]:.4g}, as "
            f"{100 * want[empty]:.1f} % of those to be matched have"
        )
    scale = np.min(have[want > 0] / want[want > 0])
    return _take(mask, cell, np.floor(scale * want + 1e-9).astype(np.int64), rng)


def sample(mask: Mask, count: int, rng: np.random.Generator) -> Mask:
    """Keep at most so many pictures, each equally likely."""
    return _take(mask, np.zeros(len(mask), np.int64), np.array([count]), rng)


def _take(mask: Mask, cell: NDArray[np.int64], wanted: NDArray[np.int64], rng: np.random.Generator) -> Mask:
    """Keep at random, of the pictures of each cell, as many as are wanted."""
    order = np.flatnonzero(mask)
    rng.shuffle(order)
    order = order[np.argsort(cell[order], kind="stable")]
    cells = cell[order]
    rank = np.arange(len(order)) - np.searchsorted(cells, cells, "left")
    kept = np.zeros_like(mask)
    kept[order[rank < wanted[cells]]] = True
    return kept
