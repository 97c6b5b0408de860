"""Leaves of random shape and place, fallen on one another until they hide the ground.

Painted front to back. New leaves over old ones for ever, looked at from above, and new leaves *under* old
ones until nothing shows through, give the same law of pictures: the perfect simulation of Kendall and
Thönnes, "Perfect simulation in stochastic geometry", Pattern Recognition 32 (1999). So every pixel is
written once, the picture is exact, and no cap on the number of leaves can leave holes.
"""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.bitmap import all_open, claim, first_open, regroup
from patterngen.kernels.jit import kernel
from patterngen.numba_math import cos_sin, power
from patterngen.rng import State, below, bits, uniform

CIRCLE, SQUARE, ORIENTED, RECTANGLE, TRIANGLE, QUADRILATERAL = range(6)

RADII = 200
"""Points of the discrete law of radii, as in Baradad et al. (2021)."""


@kernel
def radius_law(low: float, high: float, exponent: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the radii, fractions of the picture's longer side, and their cumulative probabilities.

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
    u = uniform(s, 0.0, 1.0)
    chosen = 0
    while cumulative[chosen] <= u:  # most radii are among the first few; the last cumulative is 1
        chosen += 1
    return max(int(radii[chosen] * size), 1)


@kernel
def point(s: State, size: int) -> tuple[float, float]:
    """Draw a point of a square, uniformly: x and y have 32 bits each, from one draw."""
    drawn = bits(s)
    scale = size / 2.0**32
    return np.float64(drawn >> np.uint64(32)) * scale, np.float64(drawn & np.uint64(0xFFFFFFFF)) * scale


@kernel
def _corners(s: State, shape: int, radius: int, corners: NDArray[np.float64]) -> int:
    """Write a polygon's corners (x, y), counter-clockwise on the circle of its radius; return how many."""
    count = 4
    if shape in (SQUARE, ORIENTED):
        x, y = cos_sin(0.125 if shape == SQUARE else uniform(s, 0.0, 1.0))
        for i in range(4):
            corners[i, 0], corners[i, 1] = x, y
            x, y = -y, x
    elif shape == RECTANGLE:
        x, y = cos_sin(uniform(s, 0.0, 0.25))
        for i in range(4):
            corners[i, 0], corners[i, 1] = x, y
            x, y = (-x, y) if i % 2 == 0 else (x, -y)
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
            corners[i, 0], corners[i, 1] = cos_sin(corners[i, 0])
    for i in range(count):
        corners[i, 0] *= radius
        corners[i, 1] *= radius
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
def _whole(x: float, size: int) -> int:
    """Return the first column or row, 0 … size, whose centre lies beyond x."""
    return int(min(max(x - 0.5, -1.0) + 1.0, size))


@kernel
def _chords(
    radius: int,
    edges: NDArray[np.float64],
    x: float,
    y: float,
    width: int,
    begin: NDArray[np.int32],
    end: NDArray[np.int32],
) -> None:
    """Write the columns begin … end − 1 that a leaf covers in rows 0, 1, …; it may be end ≤ begin.

    Edge by edge, all rows at a time: such loops fill vector registers.

    Args:
        radius: the leaf's.
        edges: see `_edges`; none make a circle.
        x: its centre.
        y: the centre of row 0, from its centre.
        width: columns of the picture.
        begin: one entry per row.
        end: one entry per row.
    """
    height = len(begin)
    right = np.full(height, float(radius))
    if len(edges) == 0:
        for i in range(height):
            right[i] = math.sqrt(max(radius * radius - (y + i) * (y + i), 0.0))
    left = -right
    for slope, offset, rise in edges:
        if rise > 0.0:
            for i in range(height):
                right[i] = min(right[i], slope * (y + i) + offset)
        elif rise < 0.0:
            for i in range(height):
                left[i] = max(left[i], slope * (y + i) + offset)
    for i in range(height):
        begin[i] = np.int32(_whole(x + left[i], width))
        end[i] = np.int32(_whole(x + right[i], width))


@kernel
def leaf_map(height: int, width: int) -> NDArray[np.int32]:
    """Return room for the leaf of each pixel, int32 [H, W]: rows are padded to a multiple of 8 columns."""
    return np.zeros((height, (width + 7) // 8 * 8), np.int32)


@kernel
def cover(
    s: State,
    radii: NDArray[np.float64],
    cumulative: NDArray[np.float64],
    shapes: NDArray[np.int64],
    width: int,
    leaf: NDArray[np.int32],
) -> int:
    """Let leaves fall, the top one first, until every pixel is covered.

    They fall on a square, of which a picture that is none is the middle.

    Args:
        s: the random stream.
        radii: see `radius_law`, with `cumulative`.
        cumulative: see `radius_law`.
        shapes: the shapes to choose from, each as likely.
        width: of the picture.
        leaf: see `leaf_map`; overwritten with the number of the leaf seen at each pixel, 0 on top.

    Returns:
        How many leaves are seen. Hidden ones get no number.
    """
    height = leaf.shape[0]
    size = max(height, width)
    left, above = (size - width) // 2, (size - height) // 2
    rows, groups = all_open(height, width)
    flat = leaf.reshape(-1)
    uncovered = height * width
    corners = np.empty((4, 2))
    edges = np.empty((4, 3))
    begins, ends = np.empty(height, np.int32), np.empty(height, np.int32)
    seen = 0
    while uncovered:
        shape = shapes[below(s, len(shapes))]
        radius = draw_radius(s, radii, cumulative, size)
        cx, cy = point(s, size)
        cx -= left
        cy -= above
        top, bottom = _whole(cy - radius, height), _whole(cy + radius, height)
        if first_open(groups, top, bottom, _whole(cx - radius, width), _whole(cx + radius, width)) == bottom:
            continue  # out of sight, as most are, whatever its outline: that need not even be drawn
        sides = 0
        if shape != CIRCLE:
            sides = _corners(s, shape, radius, corners)
            _edges(corners[:sides], edges)
            top = _whole(cy + corners[:sides, 1].min(), height)
            bottom = _whole(cy + corners[:sides, 1].max(), height)
        top = max(top, first_open(groups, top, bottom, 0, width))
        begin, end = begins[: bottom - top], ends[: bottom - top]
        _chords(radius, edges[:sides], cx, top + 0.5 - cy, width, begin, end)
        before = uncovered
        for i in range(bottom - top):
            uncovered -= claim(rows, top + i, begin[i], end[i], flat, seen)
        if uncovered < before:
            regroup(rows, groups, top, bottom)
            seen += 1
    return seen
