"""Checks that families make of their settings."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.families.contract import Family

LARGEST_SIZE = 16384
"""Pixels across the largest picture drawn on the CPU; beyond it one batch no longer fits a small machine."""


def check_range(family: Family, low: float, high: float, *names: str) -> None:
    """Raise PatternGenError unless each named setting lies in [low, high] (a NaN never does)."""
    for name in names:
        value = getattr(family, name)
        if not low <= value <= high:
            raise PatternGenError(f"{family.name}?{name}={value}: {name} must lie in [{low:g}, {high:g}]")


def check_order(family: Family, low: str, high: str) -> None:
    """Raise PatternGenError if the setting named `low` exceeds the one named `high`."""
    a, b = getattr(family, low), getattr(family, high)
    if a > b:
        raise PatternGenError(f"{family.name}?{low}={a}&{high}={b}: {low} must not exceed {high}")


def blank(family: Family, seeds: Sequence[int], size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Return the seeds as uint64 [N] and room for their pictures, uint8 [N, size, size, 3].

    Raises:
        PatternGenError: a size that cannot be drawn.
    """
    if not 1 <= size <= LARGEST_SIZE:
        raise PatternGenError(f"{family.name}: cannot draw size {size}; give 1 … {LARGEST_SIZE} pixels")
    return np.asarray(seeds, np.uint64), np.empty((len(seeds), size, size, 3), np.uint8)
