"""Samples that no recording holds: not finite, or absurdly loud."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

LARGEST = 2.0**32
"""The largest sample that is taken, where ±1 is full scale.

Integers of 32 bits that were written as floats, a usual mistake, reach half of it; the power in a band stays
finite in float32 up to it, whatever the settings of the log-mel, and is infinite in the usual ones from about
10¹⁷ on.
"""


class Fault(NamedTuple):
    """What is wrong with some samples."""

    place: int
    """Number of the first sample of its kind, counted from 0."""
    words: str
    """What it is, as in "clip 3 holds …"."""


def find_fault(samples: NDArray[np.floating[Any]]) -> Fault | None:
    """Find the first sample that is NaN, infinite or beyond ±`LARGEST`.

    Args:
        samples: [T] or [T, C].
    """
    # NaN is in no range.
    if not samples.size or (samples.min() >= -LARGEST and samples.max() <= LARGEST):
        return None
    flat = samples.ravel()
    first = int(np.argmin(np.abs(flat) <= LARGEST))
    value, place = float(flat[first]), first * len(samples) // flat.size
    if not np.isfinite(value):
        return Fault(place, "samples that are NaN or infinite")
    return Fault(place, f"a sample of {value:g}, beyond ±{LARGEST:.1e}, where full scale is 1")
