"""`fractaldb` and `ofdb`: categories of fractals found by search, many pictures of each or one.

A category is an iterated function system of which at least a fifth of a picture's pixels are hit; it
follows from the seed of the categories and its number alone, so it is found when first needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.categories import identity_of, sample_maps
from patterngen.drawing.chaos_game import bounded, follow, hold, mark, window
from patterngen.drawing.stamps import framed, margin_of, stamp
from patterngen.families import register
from patterngen.families.fractal_categories import FractalCategories, Points, find_category
from patterngen.families.model.pictures import Param
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import State, bits, stream

FILL_RATE = 0.2
"""Share of the pixels that the points of a category hit, at least; of 512 × 512 with 6 free on every side."""
SEARCH_SIZE, SEARCH_MARGIN, SEARCH_POINTS = 512, 6, 100_000
WEIGHTS = (0.2, 0.6, 1.4, 1.8)
"""What one of the six numbers of every map is multiplied by, in 24 of the 25 rows of weights."""
ROWS = 1 + 6 * len(WEIGHTS)
ORIGIN = (0.0, 0.0)
NUMBERS = 6
"""Numbers of a map of the plane."""


@kernel
def fill_rate(
    s: State, system: NDArray[np.float64], points: NDArray[np.float32], hits: NDArray[np.uint8]
) -> float:
    """Return the share of pixels that points of a system hit, or 0 if they run off.

    Args:
        s: the random stream.
        system: float64 [N, 6].
        points: float32 [2, P], overwritten with the points.
        hits: uint8 [512, 512], overwritten.
    """
    follow(s, system, ORIGIN, points)
    box = window(points)
    if not bounded(box):
        return 0.0
    mark(points, framed(box, SEARCH_SIZE - 2 * SEARCH_MARGIN, SEARCH_MARGIN), (False, False), hits)
    flat = hits.reshape(-1)
    total = 0
    for i in range(len(flat)):
        total += flat[i]
    return total / len(flat)


@kernel
def search(seed: int) -> NDArray[np.float64]:
    """Return the first system of a stream that makes a category, float64 [2 … 7, 6]."""
    s = stream(seed)
    few, all_points = np.empty((2, SEARCH_POINTS // 4), np.float32), np.empty((2, SEARCH_POINTS), np.float32)
    hits = np.empty((SEARCH_SIZE, SEARCH_SIZE), np.uint8)
    while True:
        system = sample_maps(s, NUMBERS)
        # The more pixels are hit, the fewer new ones a point finds: if a quarter of the points hits less
        # than a quarter of what all must hit, so do all, and most systems are passed over at that price.
        if fill_rate(s, system, few, hits) < FILL_RATE / 4.0:
            continue
        if fill_rate(s, system, all_points, hits) >= FILL_RATE:
            return system


@kernel
def weighted(system: NDArray[np.float64], row: int) -> NDArray[np.float64]:
    """Return a system with row 0 … 24 of the weights applied: row 0 leaves it as it is."""
    changed = system.copy()
    if row:
        changed[:, (row - 1) // len(WEIGHTS)] *= WEIGHTS[(row - 1) % len(WEIGHTS)]
    return changed


@kernel
def follow_instance(
    identity: int, system: NDArray[np.float64], row: int, patch: int, points: NDArray[np.float32]
) -> tuple[State, int]:
    """Fill points [2, P] of an instance; return its stream, and the row of weights that was applied.

    A row under which the points run off is passed over for the next; under row 0 the search has seen them
    stay.
    """
    s = stream(int(bits(stream(identity)) + np.uint64(ROWS * patch + row)))
    for _ in range(ROWS):
        follow(s, weighted(system, row), ORIGIN, points)
        if bounded(window(points)):
            break
        row = (row + 1) % ROWS
    else:
        hold(points)
    return s, row


@kernel
def _show(s: State, points: NDArray[np.float32], flip: int, patches: bool, pixels: NDArray[np.uint8]) -> None:
    """Draw one picture [size, size, 3]."""
    turned = (flip >= 2, flip % 2 == 1)
    stamp(s, points, window(points), margin_of(len(pixels)), turned, patches, pixels)


@dataclass(frozen=True, kw_only=True)
class _Instances(FractalCategories):
    """What `FractalDB` and `OFDB` share: how one picture is drawn."""

    def follow(
        self, seed: int, category: int, variation: list[int], points: Points
    ) -> tuple[State, dict[str, Param]]:
        """Fill the points of an instance, which follow from its category and variation alone."""
        row, patch, flip = variation
        system = find_category(search, self.categories_seed, category)
        s, row = follow_instance(identity_of(self.categories_seed, category), system, row, patch, points)
        return s, {"maps": len(system), "weight_row": row, "patch": patch, "flip": flip}

    def show(self, s: State, points: Points, variation: list[int], pixels: NDArray[np.uint8]) -> None:
        """Stamp the points, flipped as the variation says."""
        _show(s, points, variation[2], self.stamp == "patch", pixels)


@register
@dataclass(frozen=True, kw_only=True)
class FractalDB(_Instances):
    """Gray fractals in a thousand categories, each weighted, stamped and flipped in a thousand ways.

    The params of a picture are ``maps``; ``weight_row``, 0 or 1 + 4 · the number (a … f) that is weighted +
    the weight's place in 0.2, 0.6, 1.4, 1.8; ``patch``, below the setting ``patches``; ``flip``, 1 for left
    and right, 2 for top and bottom, 3 for both.
    """

    name: ClassVar[str] = "fractaldb"
    source: ClassVar[str] = "Kataoka et al., Pre-training without Natural Images, IJCV 2022"

    patches: Annotated[int, Range(1, 2**31 - 1)] = 10
    """Draws of points and patterns; with 25 rows of weights and 4 flips, the instances of a category."""

    @property
    def variations(self) -> Sequence[int]:
        """Rows of weights, draws of the patches, flips."""
        return ROWS, self.patches, 4


@register
@dataclass(frozen=True, kw_only=True)
class OFDB(_Instances):
    """One gray fractal for each category of `fractaldb`: a class is a single picture.

    It is that of `FractalDB` without weights, in its first draw and unflipped. The class is the category, and
    says all; the params are those of `FractalDB`.
    """

    name: ClassVar[str] = "ofdb"
    source: ClassVar[str] = (
        "Nakamura et al., Pre-training Vision Transformers with Very Limited Synthesized Images, ICCV 2023"
    )

    @property
    def variations(self) -> Sequence[int]:
        """One row of weights, one draw of the patches, no flip."""
        return 1, 1, 1
