"""`worley`: cellular noise, the distances to the nearest of random points.

Worley, "A cellular texture basis function", SIGGRAPH 1996. F1 is the distance to the nearest point, F2 that
to the second nearest. The points are uniform and independent on a picture whose opposite sides meet, so that
no part of it differs from another and the picture tiles a plane. A rectangle shows the middle of a square.

The search is exact. The picture is cut into tiles, and a tile's pixels are compared with no more points than
may be among the two nearest of one of them: a point farther from the whole tile than two others are from all
of it is never among them.
"""

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.simd import WIDTH, Lanes, every, larger, load, magnitude, smaller, store
from patterngen.families import register
from patterngen.families.model.painted import Field, Numbers, PaintedField, Pixels, Seeds
from patterngen.families.model.painter import painter
from patterngen.families.model.pictures import Param
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import State, below, log_uniform, uniform

METRICS = ("euclidean", "manhattan", "chebyshev")
EUCLIDEAN, MANHATTAN, CHEBYSHEV = range(len(METRICS))
FEATURES = ("f1", "f2", "f2-f1")
F1, F2, DIFFERENCE = range(len(FEATURES))

TILE = 32
"""Pixels across the largest tile."""

Box = tuple[float, float, float, float]
"""The outermost pixel centres of a tile: left, top, right, bottom."""


@kernel
def _length(dx: float, dy: float, metric: int) -> float:
    """Return what distances are compared by: the square, if Euclidean."""
    if metric == EUCLIDEAN:
        return dx * dx + dy * dy
    return dx + dy if metric == MANHATTAN else max(dx, dy)


@kernel
def _sort_into_cells(
    points: NDArray[np.float64], cells: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the points [N, 2] of [0, 1)² cell by cell, row by row, and the number of each cell's first."""
    cell = np.empty(len(points), np.int64)
    first = np.zeros(cells * cells + 1, np.int64)
    for n in range(len(points)):
        cell[n] = int(points[n, 1] * cells) * cells + int(points[n, 0] * cells)
        first[cell[n] + 1] += 1
    first = np.cumsum(first)
    free = first.copy()
    ordered = np.empty_like(points)
    for n in range(len(points)):
        ordered[free[cell[n]]] = points[n]
        free[cell[n]] += 1
    return ordered, first


@kernel
def _members(row: int, column: int, cells: int, first: NDArray[np.int64]) -> tuple[int, int, int, int]:
    """Return where a cell's points begin and end, and how many pictures it lies to the right and down."""
    over, across = row // cells, column // cells
    cell = (row - over * cells) * cells + column - across * cells
    return first[cell], first[cell + 1], across, over


@kernel
def _reach(
    tile: tuple[int, int],
    box: Box,
    size: int,
    metric: int,
    points: NDArray[np.float64],
    first: NDArray[np.int64],
    cells: int,
) -> tuple[int, float]:
    """Return how many rings of cells around a tile matter, and the distance up to which points do.

    Two points lie within that distance of every pixel of the tile.
    """
    left, top, right, bottom = box
    least = np.inf
    bound = np.inf
    ring = 0
    while True:
        gap = max((ring - 1.0) * size / cells - 0.5, 0.0)  # half a pixel, as tiles begin at whole pixels
        if (gap * gap if metric == EUCLIDEAN else gap) > bound:
            return ring - 1, bound
        for row in range(tile[0] - ring, tile[0] + ring + 1):
            stride = 1 if abs(row - tile[0]) == ring else 2 * ring
            for column in range(tile[1] - ring, tile[1] + ring + 1, stride):
                start, stop, across, over = _members(row, column, cells, first)
                for n in range(start, stop):
                    x = (points[n, 0] + across) * size
                    y = (points[n, 1] + over) * size
                    farthest = _length(max(x - left, right - x), max(y - top, bottom - y), metric)
                    bound = min(bound, max(least, farthest))
                    least = min(least, farthest)
        ring += 1


@kernel
def _compare(
    x: Lanes, y: np.float32, metric: int, some: NDArray[np.float32], other: NDArray[np.float32]
) -> tuple[Lanes, Lanes]:
    """Return the distances of pixels of one row to the nearest two of points at `some` x and `other` y."""
    nearest = second = every(np.float32(np.inf))
    for k in range(len(some)):
        dx, dy = x - some[k], y - other[k]
        if metric == EUCLIDEAN:
            d = dx * dx + dy * dy
        elif metric == MANHATTAN:
            d = magnitude(dx) + abs(dy)
        else:
            d = larger(magnitude(dx), abs(dy))
        second = smaller(larger(d, nearest), second)
        nearest = smaller(d, nearest)
    return nearest, second


@kernel
def _search(
    tile: tuple[int, int],
    box: Box,
    size: int,
    metric: int,
    points: NDArray[np.float64],
    first: NDArray[np.int64],
    cells: int,
) -> NDArray[np.float32]:
    """Return the points that may be among the nearest two of a tile's pixels, x and y, float32 [2, M]."""
    left, top, right, bottom = box
    rings, bound = _reach(tile, box, size, metric, points, first, cells)
    most = 0
    for row in range(tile[0] - rings, tile[0] + rings + 1):
        for column in range(tile[1] - rings, tile[1] + rings + 1):
            start, stop, _, _ = _members(row, column, cells, first)
            most += stop - start
    found = np.empty((2, most), np.float32)
    count = 0
    for row in range(tile[0] - rings, tile[0] + rings + 1):
        for column in range(tile[1] - rings, tile[1] + rings + 1):
            start, stop, across, over = _members(row, column, cells, first)
            for k in range(start, stop):
                x = (points[k, 0] + across) * size
                y = (points[k, 1] + over) * size
                gap = _length(max(left - x, x - right, 0.0), max(top - y, y - bottom, 0.0), metric)
                if gap <= bound:
                    found[0, count], found[1, count] = x, y
                    count += 1
    return found[:, :count]


@kernel
def nearest_two(
    points: NDArray[np.float64], metric: int, nearest: NDArray[np.float32], second: NDArray[np.float32]
) -> None:
    """Fill two fields [H, W] with each pixel's distance, in pixels, to its nearest two points.

    Args:
        points: float64 [N, 2], x and y in [0, 1), N ≥ 1, in the square of which the fields are the middle;
            they repeat with it in every direction.
        metric: EUCLIDEAN, MANHATTAN or CHEBYSHEV.
        nearest: overwritten with F1.
        second: overwritten with F2.
    """
    height, width = nearest.shape
    size = max(height, width)
    first_row, first_column = (size - height) // 2, (size - width) // 2
    # About two points a cell: few enough to pass over in vain, and few cells to ask for them.
    cells = min(max(int(math.sqrt(len(points) / 2.0)), (size + TILE - 1) // TILE), size)
    points, first = _sort_into_cells(points, cells)
    xs, one, two = np.empty((3, size // cells + 1 + WIDTH), np.float32)
    for tile_row in range(cells):
        top = max(tile_row * size // cells, first_row)
        bottom = min((tile_row + 1) * size // cells, first_row + height)
        for tile_column in range(cells if top < bottom else 0):
            left = max(tile_column * size // cells, first_column)
            right = min((tile_column + 1) * size // cells, first_column + width)
            if left >= right:
                continue
            tile, box = (tile_row, tile_column), (left + 0.5, top + 0.5, right - 0.5, bottom - 0.5)
            found = _search(tile, box, size, metric, points, first, cells)
            for column in range(right - left):
                xs[column] = box[0] + column
            for row in range(top, bottom):
                for column in range(0, right - left, WIDTH):
                    x, y = load(xs, column), np.float32(row + 0.5)
                    a, b = _compare(x, y, metric, found[0], found[1])
                    store(one, column, a)
                    store(two, column, b)
                if metric == EUCLIDEAN:
                    for column in range(right - left):
                        one[column], two[column] = np.sqrt(one[column]), np.sqrt(two[column])
                for column in range(right - left):
                    nearest[row - first_row, left - first_column + column] = one[column]
                    second[row - first_row, left - first_column + column] = two[column]


@kernel
def scatter(s: State, count: int) -> NDArray[np.float64]:
    """Draw independent uniform points, [N, 2] of [0, 1)²."""
    points = np.empty((count, 2))
    for n in range(count):
        points[n, 0] = uniform(s, 0.0, 1.0)
        points[n, 1] = uniform(s, 0.0, 1.0)
    return points


@painter
@kernel
def _draw(
    s: State,
    field: Field,
    drawn: Numbers,
    counts: tuple[int, int],
    metrics: NDArray[np.int64],
    features: NDArray[np.int64],
) -> None:
    count = int(log_uniform(s, counts[0], counts[1]) + 0.5)
    metric = metrics[below(s, len(metrics))]
    feature = features[below(s, len(features))]
    drawn[0], drawn[1], drawn[2] = count, metric, feature
    other = np.empty_like(field)
    nearest, second = (field, other) if feature == F1 else (other, field)
    nearest_two(scatter(s, count), metric, nearest, second)
    if feature == DIFFERENCE:
        second -= nearest


@register
@dataclass(frozen=True, kw_only=True)
class Worley(PaintedField):
    """Cells, pebbles and cracked earth: distances to random points, in a smooth palette of a few colours."""

    name: ClassVar[str] = "worley"
    version: ClassVar[int] = 1
    source: ClassVar[str] = "Worley, A Cellular Texture Basis Function, SIGGRAPH 1996"
    numbers: ClassVar[tuple[str, ...]] = ("points", "metric", "feature")

    points_low: Annotated[int, Range(1, 100_000)] = 16
    """Fewest points in a square picture; drawn log-uniformly for each picture."""
    points_high: Annotated[int, Range(1, 100_000)] = 1024
    """Most points in a square picture."""
    metric: Literal["any", "euclidean", "manhattan", "chebyshev"] = "any"
    """How distance is measured; `any` draws one for each picture."""
    feature: Literal["any", "f1", "f2", "f2-f1"] = "any"
    """Distance to the nearest point, to the second nearest, or the second less the first."""
    colours: Annotated[int, Range(1, 16)] = 3
    """Random colours the palette runs through; 1 is black to white."""

    def fill(self, seeds: Seeds, fields: Field, pixels: Pixels) -> Numbers:
        """Fill fields with distances in pixels."""
        drawn = np.empty((len(seeds), 3))
        metrics, features = _choices(self.metric, METRICS), _choices(self.feature, FEATURES)
        counts = (self.points_low, self.points_high)
        _draw(seeds, self.colours, fields, pixels, drawn, counts, metrics, features)
        return drawn

    def describe(self, drawn: list[float]) -> dict[str, Param]:
        """Return how many ``points`` there are, and the names of the ``metric`` and the ``feature``."""
        count, metric, feature = map(int, drawn)
        return {"points": count, "metric": METRICS[metric], "feature": FEATURES[feature]}


def _choices(asked: str, names: tuple[str, ...]) -> NDArray[np.int64]:
    return np.arange(len(names)) if asked == "any" else np.array([names.index(asked)])
