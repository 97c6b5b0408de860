"""What the families share whose classes are iterated function systems, found by search."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.categories import choose, identity_of
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Param, Pictures, blank
from patterngen.families.model.settings import Range
from patterngen.rng import State

Points = NDArray[Any]
"""Points of an attractor, [D, P]: float32 in the plane, float64 in space."""
System = NDArray[np.float64]
"""An iterated function system: a row for each map."""


@lru_cache(maxsize=1 << 16)
def find_category(search: Callable[[int], System], categories_seed: int, category: int) -> System:
    """Return the system of a category, to be read only; a first call searches some milliseconds.

    Args:
        search: finds a system from a category's own number.
        categories_seed: 0 … 2³¹ − 1, which categories there are.
        category: 0 … 2³² − 1, the number of one.
    """
    system = search(identity_of(categories_seed, category))
    system.setflags(write=False)
    return system


@dataclass(frozen=True, kw_only=True)
class FractalCategories(Family):
    """A class for each system of maps. A seed chooses one, and how its attractor is shown."""

    version: ClassVar[int] = 1
    dimensions: ClassVar[int] = 2
    precision: ClassVar[type] = np.float32

    categories: Annotated[int, Range(1, 1_000_000)] = 1000
    """Classes, each with a system of its own."""
    categories_seed: Annotated[int, Range(0, 2**31 - 1)] = 0
    """Which systems: category 7 of a seed is the same however many categories there are."""
    points: Annotated[int, Range(1000, 10_000_000)] = 200_000
    """Points of the attractor."""
    stamp: Literal["patch", "point"] = "patch"
    """What each point leaves: a random pattern of 3 × 3 pixels, or one pixel."""

    @property
    def num_classes(self) -> int:
        """Number of categories."""
        return self.categories

    @property
    def variations(self) -> Sequence[int]:
        """Numbers of ways to show a category, one for each choice that a seed makes besides it."""
        raise NotImplementedError

    @abstractmethod
    def follow(
        self, seed: int, category: int, variation: list[int], points: Points
    ) -> tuple[State, dict[str, Param]]:
        """Fill the points of a picture; return the stream for what is left to draw, and the params.

        Args:
            seed: the picture's.
            category: its class.
            variation: what was chosen of `variations`.
            points: overwritten.
        """

    @abstractmethod
    def show(self, s: State, points: Points, variation: list[int], pixels: NDArray[np.uint8]) -> None:
        """Draw a picture, uint8 [size, size, 3], of the points, which may be overwritten."""

    def draw_square(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed; its class is its category."""
        streams, pixels = blank(seeds, size, size)
        chosen, points = self._choose(streams), self._room()
        params: list[dict[str, Param]] = []
        for seed, (category, *variation), picture in zip(streams, chosen.tolist(), pixels, strict=True):
            s, drawn = self.follow(seed, category, variation, points)
            self.show(s, points, variation, picture)
            params.append(drawn)
        return Pictures(pixels, params, chosen[:, 0].copy())

    def attractor_square(self, seeds: Sequence[int], size: int) -> NDArray[np.float32]:
        """Return the points before they are brought into the picture; see `Family.attractor`."""
        streams, _ = blank(seeds, size, size)
        chosen, points = self._choose(streams), self._room()
        attractors = np.empty((len(seeds), self.points, self.dimensions), np.float32)
        for seed, (category, *variation), own in zip(streams, chosen.tolist(), attractors, strict=True):
            self.follow(seed, category, variation, points)
            own[:] = points.T
        return attractors

    def _choose(self, seeds: NDArray[np.uint64]) -> NDArray[np.int64]:
        return choose(seeds, np.array([self.categories, *self.variations]))

    def _room(self) -> Points:
        return np.empty((self.dimensions, self.points), self.precision)
