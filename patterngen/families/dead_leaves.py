"""Dead leaves: shapes of one colour each, on one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.intrinsics import store_four
from patterngen.drawing.leaves import (
    CIRCLE,
    ORIENTED,
    QUADRILATERAL,
    RECTANGLE,
    SQUARE,
    TRIANGLE,
    cover,
    leaf_map,
    radius_law,
)
from patterngen.families import register
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Pictures, blank
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import bits, stream


@kernel
def _paint(
    leaf: NDArray[np.int32], width: int, colours: NDArray[np.uint32], pixels: NDArray[np.uint8]
) -> None:
    """Colour each pixel, its three bytes in a flat array, as its leaf.

    Four bytes at once: the fourth lies in the next pixel, which is coloured next.
    """
    height = len(leaf)
    for row in range(height):
        for column in range(width - (row == height - 1)):
            store_four(pixels, 3 * (row * width + column), colours[leaf[row, column]])
    colour = colours[leaf[height - 1, width - 1]]
    for channel in range(3):
        pixels[3 * (height * width - 1) + channel] = np.uint8(colour >> np.uint32(8 * channel))


@kernel
def _draw(
    seeds: NDArray[np.uint64],
    low: float,
    high: float,
    exponent: float,
    shapes: NDArray[np.int64],
    pixels: NDArray[np.uint8],
    seen: NDArray[np.int64],
) -> None:
    height, width = pixels.shape[1:3]
    radii, cumulative = radius_law(low, high, exponent)
    leaf = leaf_map(height, width)
    colours = np.empty(height * width, np.uint32)
    for n in range(len(seeds)):
        s = stream(seeds[n])
        seen[n] = cover(s, radii, cumulative, shapes, width, leaf)
        for i in range(seen[n]):
            colours[i] = np.uint32(bits(s) >> np.uint64(40))
        _paint(leaf, width, colours, pixels[n].reshape(-1))


@dataclass(frozen=True, kw_only=True)
class DeadLeaves(Family):
    """The settings that all dead leaves share, and leaves of one colour each."""

    version: ClassVar[int] = 2
    source: ClassVar[str] = "Baradad et al., Learning to See by Looking at Noise, NeurIPS 2021"
    shapes: ClassVar[tuple[int, ...]]

    radius_min: Annotated[float, Range(0.001, 1)] = 0.03
    """Smallest radius of a leaf, as a fraction of the picture's longer side."""
    radius_max: Annotated[float, Range(0.001, 1)] = 1.0
    """Largest radius of a leaf, as a fraction of the picture's longer side."""
    exponent: Annotated[float, Range(0.1, 20)] = 3.0
    """Radii r fall off as r^−exponent: the larger, the more small leaves."""

    def draw_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Pictures:
        """Draw one picture per seed; ``leaves`` in its params is how many leaves are seen."""
        streams, pixels = blank(seeds, height, width)
        seen = np.zeros(len(seeds), np.int64)
        shapes = np.array(self.shapes)
        _draw(streams, self.radius_min, self.radius_max, self.exponent, shapes, pixels, seen)
        return Pictures(pixels, [{"leaves": int(count)} for count in seen], np.zeros(len(seeds), np.int64))

    def label_map_rectangle(self, seeds: Sequence[int], height: int, width: int) -> NDArray[np.int32]:
        """Return the number of the leaf seen at each pixel, int32 [N, H, W]; see `Family.label_map`."""
        streams, pixels = blank(seeds, height, width)
        law = radius_law(self.radius_min, self.radius_max, self.exponent)
        shapes, leaf = np.array(self.shapes), leaf_map(height, width)
        labels = np.empty(pixels.shape[:3], np.int32)
        for seed, own in zip(streams, labels, strict=True):
            cover(stream(seed), *law, shapes, width, leaf)
            own[:] = leaf[:, :width]
        return labels


@register
@dataclass(frozen=True, kw_only=True)
class DeadLeavesSquares(DeadLeaves):
    """Upright squares of one colour each, over one another."""

    name: ClassVar[str] = "dead-leaves-squares"
    shapes: ClassVar[tuple[int, ...]] = (SQUARE,)


@register
@dataclass(frozen=True, kw_only=True)
class DeadLeavesOriented(DeadLeaves):
    """Squares turned every way, of one colour each, over one another."""

    name: ClassVar[str] = "dead-leaves-oriented"
    shapes: ClassVar[tuple[int, ...]] = (ORIENTED,)


@register
@dataclass(frozen=True, kw_only=True)
class DeadLeavesMixed(DeadLeaves):
    """Circles, squares, rectangles, triangles and quadrilaterals of one colour each, over one another."""

    name: ClassVar[str] = "dead-leaves-mixed"
    shapes: ClassVar[tuple[int, ...]] = (CIRCLE, SQUARE, ORIENTED, RECTANGLE, TRIANGLE, QUADRILATERAL)
