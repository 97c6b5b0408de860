"""Dead leaves: random shapes that fall on one another until they hide the ground.

Painted front to back. New leaves over old ones for ever, looked at from above, and new leaves *under* old
ones until nothing shows through, give the same law of pictures: the perfect simulation of Kendall and
Thönnes, "Perfect simulation in stochastic geometry", Pattern Recognition 32 (1999). So every pixel is
written once, the picture is exact, and no cap on the number of leaves can leave holes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.families import register
from patterngen.families.contract import Family, Pictures
from patterngen.families.settings import blank, check_order, check_range
from patterngen.kernels import State, below, bits, cos_sin, kernel, power, stream, uniform

CIRCLE, SQUARE, ORIENTED, RECTANGLE, TRIANGLE, QUADRILATERAL = range(6)

RADII = 200
"""Points of the discrete law of radii, as in Baradad et al. (2021)."""


@kernel
def radius_law(low: float, high: float, exponent: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the radii, fractions of the picture's width, and their cumulative probabilities.

    P(r) ∝ r^−exponent − high^−exponent on equally spaced points of [low, high]; a law of one point if low
    equals high.
    """
    radii = np.empty(RADII)
    cumulative = np.empty(RADII)
    total = 0.0
    for i in range(RADII):
        radii[i] = low + (high - low) * i / (RADII - 1)
        total += power(radii[i], -exponent) - power(high, -exponent) if high > low else 1.0
        cumulative[i] = total
    return radii, cumulative / total


@kernel
def draw_radius(s: State, radii: NDArray[np.float64], cumulative: NDArray[np.float64], size: int) -> int:
    """Draw a leaf's radius in pixels, at least 1."""
    chosen = int(np.searchsorted(cumulative, uniform(s, 0.0, 1.0), side="right"))
    return max(int(radii[min(chosen, RADII - 1)] * size), 1)


@kernel
def _corners(s: State, shape: int, radius: int, corners: NDArray[np.float64]) -> int:
    """Write a polygon's corners (x, y), counter-clockwise on the circle of its radius; return how many."""
    if shape in (SQUARE, ORIENTED):
        x, y = cos_sin(0.125 if shape == SQUARE else uniform(s, 0.0, 1.0))
        corners[0] = x, y
        corners[1] = -y, x
        corners[2] = -x, -y
        corners[3] = y, -x
        count = 4
    elif shape == RECTANGLE:
        x, y = cos_sin(uniform(s, 0.0, 0.25))
        corners[0] = x, y
        corners[1] = -x, y
        corners[2] = -x, -y
        corners[3] = x, -y
        count = 4
    else:
        count = 3 if shape == TRIANGLE else 4
        for i in range(count):
            angle = uniform(s, 0.0, 1.0)
            j = i
            while j > 0 and corners[j - 1, 0] > angle:  # insertion sort, angles in the first column
                corners[j, 0] = corners[j - 1, 0]
                j -= 1
            corners[j, 0] = angle
        for i in range(count):
            corners[i] = cos_sin(corners[i, 0])
    corners[:count] *= radius
    return count


@kernel
def _edges(corners: NDArray[np.float64], edges: NDArray[np.float64]) -> None:
    """Write each edge of a polygon as (slope, offset, rise).

    The inside lies left of an edge: x ≤ slope·y + offset where it rises, x ≥ slope·y + offset where it falls.
    """
    for i in range(len(corners)):
        x, y = corners[i]
        dx = corners[(i + 1) % len(corners), 0] - x
        dy = corners[(i + 1) % len(corners), 1] - y
        slope = dx / dy if dy != 0.0 else 0.0
        edges[i, 0] = slope
        edges[i, 1] = x - slope * y
        edges[i, 2] = dy


@kernel
def _chord(radius: int, edges: NDArray[np.float64], y: float) -> tuple[float, float]:
    """Return where a leaf begins and ends at height y, all from its centre; without edges it is a circle."""
    right = float(radius)
    if len(edges) == 0:
        right = math.sqrt(max(radius * radius - y * y, 0.0))
    left = -right
    for i in range(len(edges)):
        x = edges[i, 0] * y + edges[i, 1]
        if edges[i, 2] > 0.0:
            right = min(right, x)
        elif edges[i, 2] < 0.0:
            left = max(left, x)
    return left, right


@kernel
def _span(word: int, first: int, last: int) -> np.uint64:
    """Return the bits of 64-pixel word number `word` that lie in columns first … last."""
    mask = ~np.uint64(0)
    if first > 64 * word:
        mask <<= np.uint64(first - 64 * word)
    if last < 64 * word + 63:
        mask &= ~np.uint64(0) >> np.uint64(64 * word + 63 - last)
    return mask


@kernel
def _is_open(row: NDArray[np.uint64], first: int, last: int) -> bool:
    """Whether any pixel in columns first … last of a row is still uncovered."""
    for word in range(first >> 6, (last >> 6) + 1):  # noqa: SIM110 Numba compiles no generator expressions
        if row[word] & _span(word, first, last):
            return True
    return False


@kernel
def cover(
    s: State,
    radii: NDArray[np.float64],
    cumulative: NDArray[np.float64],
    shapes: NDArray[np.int64],
    leaf: NDArray[np.int32],
) -> int:
    """Let leaves fall, the top one first, until every pixel is covered.

    Args:
        s: the random stream.
        radii: see `radius_law`, with `cumulative`.
        cumulative: see `radius_law`.
        shapes: the shapes to choose from, each as likely.
        leaf: int32 [size, size], overwritten with the number of the leaf seen at each pixel, 0 on top.

    Returns:
        How many leaves are seen. Hidden ones get no number.
    """
    size = leaf.shape[0]
    leaf[:] = -1
    # One bit per uncovered pixel: most leaves lie wholly under others, and this tells it at a glance.
    uncovered_bits = np.full((size, (size + 63) // 64), ~np.uint64(0))
    uncovered = size * size
    corners = np.empty((4, 2))
    edges = np.empty((4, 3))
    seen = 0
    while uncovered:
        shape = shapes[below(s, len(shapes))]
        radius = draw_radius(s, radii, cumulative, size)
        cx = uniform(s, 0.0, size)
        cy = uniform(s, 0.0, size)
        highest = max(math.ceil(cy - radius - 0.5), 0)
        lowest = min(math.floor(cy + radius - 0.5), size - 1)
        leftmost = max(math.ceil(cx - radius - 0.5), 0)
        rightmost = min(math.floor(cx + radius - 0.5), size - 1)
        while highest <= lowest and not _is_open(uncovered_bits[highest], leftmost, rightmost):
            highest += 1
        if highest > lowest:
            continue  # out of sight, whatever its outline: that need not even be drawn
        sides, top, bottom = 0, -float(radius), float(radius)
        if shape != CIRCLE:
            sides = _corners(s, shape, radius, corners)
            top, bottom = corners[:sides, 1].min(), corners[:sides, 1].max()
            _edges(corners[:sides], edges)
        before = uncovered
        # A pixel belongs to the leaf if its centre does.
        highest = max(highest, math.ceil(cy + top - 0.5))
        lowest = min(lowest, math.floor(cy + bottom - 0.5))
        for row in range(highest, lowest + 1):
            if not _is_open(uncovered_bits[row], leftmost, rightmost):
                continue
            left, right = _chord(radius, edges[:sides], row + 0.5 - cy)
            first = max(math.ceil(cx + left - 0.5), 0)
            last = min(math.floor(cx + right - 0.5), size - 1)
            painted = 0
            for column in range(first, last + 1):
                free = leaf[row, column] < 0
                painted += free
                leaf[row, column] = seen if free else leaf[row, column]
            if painted:
                for word in range(first >> 6, (last >> 6) + 1):
                    uncovered_bits[row, word] &= ~_span(word, first, last)
            uncovered -= painted
        seen += uncovered < before
    return seen


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
    size = pixels.shape[1]
    radii, cumulative = radius_law(low, high, exponent)
    leaf = np.empty((size, size), np.int32)
    colours = np.empty(size * size, np.uint64)
    for n in range(len(seeds)):
        s = stream(seeds[n])
        seen[n] = cover(s, radii, cumulative, shapes, leaf)
        for i in range(seen[n]):
            colours[i] = bits(s)
        for row in range(size):
            for column in range(size):
                colour = colours[leaf[row, column]]
                pixels[n, row, column, 0] = colour >> np.uint64(56)
                pixels[n, row, column, 1] = colour >> np.uint64(48)
                pixels[n, row, column, 2] = colour >> np.uint64(40)


@dataclass(frozen=True, kw_only=True)
class _DeadLeaves(Family):
    version: ClassVar[int] = 1
    source: ClassVar[str] = "Baradad et al., Learning to See by Looking at Noise, NeurIPS 2021"
    shapes: ClassVar[tuple[int, ...]]

    radius_min: float = 0.03
    """Smallest radius of a leaf, as a fraction of the picture's width, 0.001 … 1."""
    radius_max: float = 1.0
    """Largest radius of a leaf, as a fraction of the picture's width, 0.001 … 1."""
    exponent: float = 3.0
    """Radii r fall off as r^−exponent, 0.1 … 20: the larger, the more small leaves."""

    def __post_init__(self) -> None:
        check_range(self, 0.001, 1, "radius_min", "radius_max")
        check_order(self, "radius_min", "radius_max")
        check_range(self, 0.1, 20, "exponent")

    def draw(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed; ``leaves`` in its params is how many leaves are seen."""
        streams, pixels = blank(self, seeds, size)
        seen = np.zeros(len(seeds), np.int64)
        shapes = np.array(self.shapes)
        _draw(streams, self.radius_min, self.radius_max, self.exponent, shapes, pixels, seen)
        return Pictures(pixels, [{"leaves": int(count)} for count in seen], np.zeros(len(seeds), np.int64))


@register
@dataclass(frozen=True, kw_only=True)
class DeadLeavesSquares(_DeadLeaves):
    """Upright squares of one colour each, over one another."""

    name: ClassVar[str] = "dead-leaves-squares"
    shapes: ClassVar[tuple[int, ...]] = (SQUARE,)


@register
@dataclass(frozen=True, kw_only=True)
class DeadLeavesOriented(_DeadLeaves):
    """Squares turned every way, of one colour each, over one another."""

    name: ClassVar[str] = "dead-leaves-oriented"
    shapes: ClassVar[tuple[int, ...]] = (ORIENTED,)


@register
@dataclass(frozen=True, kw_only=True)
class DeadLeavesMixed(_DeadLeaves):
    """Circles, squares, rectangles, triangles and quadrilaterals of one colour each, over one another."""

    name: ClassVar[str] = "dead-leaves-mixed"
    shapes: ClassVar[tuple[int, ...]] = (CIRCLE, SQUARE, ORIENTED, RECTANGLE, TRIANGLE, QUADRILATERAL)
