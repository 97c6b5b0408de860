"""Histograms of Total Variation: their bins, and how many pictures each holds."""

import numpy as np
from numpy.typing import NDArray

_LEAST_TV = 1e-12  # less than one level of blue makes in the largest picture there can be


def tv_edges(tv: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Return the edges of a histogram of Total Variation, float64 [bins + 1], equally apart in logarithms."""
    # A flat picture has tv 0, which no logarithm shows: it is counted in the lowest bin.
    positive = tv[tv > 0]
    low, high = (positive.min(), positive.max()) if len(positive) else (1e-3, 1.0)
    return np.geomspace(max(low, _LEAST_TV) * 0.95, max(high, _LEAST_TV) * 1.05, bins + 1)


def tv_histogram(tv: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count values between edges, int64 [len(edges) - 1]; the outer bins take what lies beyond them."""
    counts, _ = np.histogram(np.clip(tv, edges[0], edges[-1]), edges)
    return counts
