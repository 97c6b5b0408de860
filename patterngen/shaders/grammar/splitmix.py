"""Random choices that are the same for a seed on every machine and version of Python."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1


class SplitMix64:
    """SplitMix64: Steele, Lea & Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def bits(self) -> int:
        """Draw 64 bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def uniform(self, low: float, high: float) -> float:
        """Draw from U[low, high): no function but + − × is used, which every processor rounds alike."""
        return low + (high - low) * ((self.bits() >> 11) * (1.0 / (1 << 53)))

    def whole(self, low: int, high: int) -> int:
        """Draw one of low … high."""
        return low + (self.bits() >> 32) * (high - low + 1) // (1 << 32)

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of some."""
        return choices[self.whole(0, len(choices) - 1)]

    def weighted(self, choices: Sequence[T], weights: Sequence[int]) -> T:
        """Draw one of some, by their weights."""
        left = self.whole(0, sum(weights) - 1)
        for choice, weight in zip(choices, weights, strict=True):
            left -= weight
            if left < 0:
                return choice
        raise AssertionError("the weights are positive")
