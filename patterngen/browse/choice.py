"""Which pictures of a dataset to look at: a few of each family, from its smoothest to its roughest."""

import numpy as np
from numpy.typing import NDArray


def spread(
    family: NDArray[np.int32], tv: NDArray[np.float64], count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Choose pictures so that every family and every degree of smoothness is seen.

    Families get equal shares as far as they have as many pictures. A family's pictures, in order of Total
    Variation, are cut into as many stretches as it has places, and one picture is drawn from each; of the
    first stretch it is the smoothest, of the last the roughest.

    Args:
        family: int32 [N], a number for each picture's family.
        tv: float64 [N], Total Variation.
        count: how many to choose; all, if there are fewer.
        rng: decides between pictures that are equally good.

    Returns:
        int64 [min(count, N)], places in the dataset, ascending.
    """
    order = np.lexsort((tv, family))
    sizes = np.unique(family, return_counts=True)[1]
    parts = np.split(order, np.cumsum(sizes)[:-1])
    places = shares(sizes, count, rng)
    chosen = [_stretches(part, number, rng) for part, number in zip(parts, places, strict=True) if number]
    return np.sort(np.concatenate(chosen))


def shares(sizes: NDArray[np.int64], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Share out places as equally as sizes allow; the last few go to families at random.

    Args:
        sizes: int64 [F], pictures of each family.
        count: places.
        rng: decides who gets the last few.

    Returns:
        int64 [F], at most `sizes`, with sum min(count, Σ sizes).
    """
    places = np.zeros_like(sizes)
    left = min(count, int(sizes.sum()))
    while left:
        hungry = np.flatnonzero(places < sizes)
        if left < len(hungry):
            places[rng.permutation(hungry)[:left]] += 1
            break
        given = np.minimum(left // len(hungry), sizes[hungry] - places[hungry])
        places[hungry] += given
        left -= int(given.sum())
    return places


def _stretches(ordered: NDArray[np.int64], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw one of each of `count` equal stretches, and both ends."""
    edges = np.linspace(0, len(ordered), count + 1).astype(np.int64)
    ranks = rng.integers(edges[:-1], edges[1:])
    if count > 1:
        ranks[0], ranks[-1] = 0, len(ordered) - 1
    return ordered[ranks]
