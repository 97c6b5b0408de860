"""The chaos game: points of a system's attractor, and the pixels they fall on.

A system is float64 [N, 6], as in `patterngen.drawing.ifs`; points are float32 [2, P], all x and then all y.
"""

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.bulk_random import Key, chance_at, draw_key
from patterngen.drawing.palette import extent
from patterngen.kernels.jit import kernel
from patterngen.rng import State

LANES = 64
"""Orbits followed side by side: enough to fill the vector lanes and to hide the wait for one map's result."""
SETTLING = 32
"""Steps not counted while the orbits, which start at one point, part."""
GROUP = 4
"""Maps of which one is chosen without looking into memory: their numbers stay in registers."""
TILE = 256
"""Points located at a time: their pixels stay in the fastest cache."""
BOUNDED = np.float32(1e6)
"""Coordinates of points that stay within this are taken for bounded."""

Quartet = tuple[np.float32, np.float32, np.float32, np.float32]
Maps = tuple[Quartet, Quartet, Quartet, Quartet, Quartet, Quartet]
Starts = tuple[np.int32, np.int32, np.int32]
Window = tuple[np.float32, np.float32, np.float32, np.float32]


@kernel
def _starts(system: NDArray[np.float64], places: int) -> NDArray[np.int32]:
    """Return where in 0 … 2³¹ − 1 each map's share begins; maps that are not there have the very last place.

    Shares are as |det|, the area a map fills.
    """
    starts = np.full(places, 0x7FFFFFFF, np.int32)
    total = 0.0
    ends = np.empty(len(system))
    for i in range(len(system)):
        # The floor keeps a system of which every map is flat: all its maps are then equally likely.
        total += max(abs(system[i, 0] * system[i, 3] - system[i, 1] * system[i, 2]), 1e-9)
        ends[i] = total
    starts[0] = 0
    for i in range(1, len(system)):
        starts[i] = np.int32(ends[i - 1] / total * 2147483647.0)
    return starts


@kernel
def _quartet(table: NDArray[np.float32], number: int, first: int) -> Quartet:
    """Return one of the six numbers of four maps."""
    row = table[number]
    return row[first], row[first + 1], row[first + 2], row[first + 3]


@kernel
def _choose(chance: np.int32, starts: Starts, values: Quartet) -> np.float32:
    """Return the value of the map in whose share `chance` lies, of four."""
    low = values[0] if chance < starts[0] else values[1]
    high = values[2] if chance < starts[2] else values[3]
    return low if chance < starts[1] else high


@kernel
def _step(
    chance: np.int32, starts: Starts, maps: Maps, x: np.float32, y: np.float32
) -> tuple[np.float32, np.float32]:
    """Apply the map in whose share `chance` lies to a point."""
    a, b = _choose(chance, starts, maps[0]), _choose(chance, starts, maps[1])
    c, d = _choose(chance, starts, maps[2]), _choose(chance, starts, maps[3])
    e, f = _choose(chance, starts, maps[4]), _choose(chance, starts, maps[5])
    return a * x + b * y + e, c * x + d * y + f


@kernel
def _maps(table: NDArray[np.float32], starts: NDArray[np.int32], first: int) -> tuple[Starts, Maps]:
    """Return four maps, from number `first` on, and where the shares of the last three begin."""
    a, b, c = _quartet(table, 0, first), _quartet(table, 1, first), _quartet(table, 2, first)
    d, e, f = _quartet(table, 3, first), _quartet(table, 4, first), _quartet(table, 5, first)
    return (starts[first + 1], starts[first + 2], starts[first + 3]), (a, b, c, d, e, f)


@kernel
def _follow_few(
    key: Key,
    table: NDArray[np.float32],
    starts: NDArray[np.int32],
    begin: tuple[float, float],
    points: NDArray[np.float32],
) -> None:
    """Follow orbits of up to four maps, which stay in registers all the time."""
    shares, maps = _maps(table, starts, 0)
    x = np.full(LANES, np.float32(begin[0]))
    y = np.full(LANES, np.float32(begin[1]))
    for start in range(-SETTLING * LANES, points.shape[1], LANES):
        for lane in range(LANES):
            x[lane], y[lane] = _step(chance_at(key, start + lane), shares, maps, x[lane], y[lane])
        if start >= 0:
            for lane in range(min(LANES, points.shape[1] - start)):
                points[0, start + lane] = x[lane]
                points[1, start + lane] = y[lane]


@kernel
def _follow_many(
    key: Key,
    table: NDArray[np.float32],
    starts: NDArray[np.int32],
    begin: tuple[float, float],
    points: NDArray[np.float32],
) -> None:
    """Follow orbits of any number of maps, four after four: the last four of which one is chosen count."""
    chances = np.empty(LANES, np.int32)
    x = np.full(LANES, np.float32(begin[0]))
    y = np.full(LANES, np.float32(begin[1]))
    next_x, next_y = x.copy(), y.copy()
    for start in range(-SETTLING * LANES, points.shape[1], LANES):
        for lane in range(LANES):
            chances[lane] = chance_at(key, start + lane)
        for first in range(0, len(starts), GROUP):
            shares, maps = _maps(table, starts, first)
            earliest = starts[first]
            for lane in range(LANES):
                u, v = _step(chances[lane], shares, maps, x[lane], y[lane])
                chosen = chances[lane] >= earliest
                next_x[lane] = u if chosen else next_x[lane]
                next_y[lane] = v if chosen else next_y[lane]
        for lane in range(LANES):
            x[lane], y[lane] = next_x[lane], next_y[lane]
        if start >= 0:
            for lane in range(min(LANES, points.shape[1] - start)):
                points[0, start + lane] = x[lane]
                points[1, start + lane] = y[lane]


@kernel
def follow(
    s: State, system: NDArray[np.float64], begin: tuple[float, float], points: NDArray[np.float32]
) -> None:
    """Fill points float32 [2, P] with points of the system's attractor: the chaos game (Barnsley, 1988).

    Many orbits run in step from one point, each choosing its maps with probability as |det|. If the system
    is not contractive on average they leave every bound, up to infinity and NaN.
    """
    places = (len(system) + GROUP - 1) // GROUP * GROUP
    table = np.empty((6, places), np.float32)
    for i in range(places):
        for number in range(6):
            table[number, i] = system[min(i, len(system) - 1), number]
    starts = _starts(system, places)
    if places == GROUP:
        _follow_few(draw_key(s), table, starts, begin, points)
    else:
        _follow_many(draw_key(s), table, starts, begin, points)


@kernel
def window(points: NDArray[np.float32]) -> Window:
    """Return the bounding box (left, right, top, bottom) of points, y growing downwards."""
    left, right = extent(points[0])
    top, bottom = extent(points[1])
    return left, right, top, bottom


@kernel
def bounded(box: Window) -> bool:
    """Return whether a bounding box is within any bound: whether its points did not run off."""
    inside = box[0] > -BOUNDED and box[1] < BOUNDED and box[2] > -BOUNDED and box[3] < BOUNDED
    return bool(inside)  # a NaN compares as false


@kernel
def _locate(
    points: NDArray[np.float32],
    start: int,
    box: Window,
    shape: tuple[int, int],
    turned: tuple[bool, bool],
    places: NDArray[np.int32],
) -> None:
    """Overwrite places with the pixels of points from number `start` on, counted along the rows of a picture.

    Args:
        points: float32 [2, P].
        start: the first point.
        box: what fills the picture.
        shape: the picture's height and width.
        turned: whether top and bottom, and left and right, change places.
        places: at most as many as there are points left.
    """
    left, right, top, bottom = box
    last_row, last_column = np.int32(shape[0] - 1), np.int32(shape[1] - 1)
    down = np.float32(shape[0]) / (bottom - top) if bottom > top else np.float32(0.0)
    across = np.float32(shape[1]) / (right - left) if right > left else np.float32(0.0)
    if turned[0]:
        top, down = bottom, -down
    if turned[1]:
        left, across = right, -across
    x, y = points[0, start : start + len(places)], points[1, start : start + len(places)]
    for i in range(len(places)):
        row = min(np.int32((y[i] - top) * down), last_row)
        column = min(np.int32((x[i] - left) * across), last_column)
        places[i] = np.int32(row * np.int32(last_column + 1) + column)


@kernel
def count(points: NDArray[np.float32], box: Window, counts: NDArray[np.int32]) -> None:
    """Overwrite counts [H, W], contiguous, with how many points fall on each pixel.

    Args:
        points: float32 [2, P], all within `box`.
        box: what fills the picture.
        counts: overwritten.
    """
    counts[:] = 0
    flat = counts.reshape(-1)
    places = np.empty(TILE, np.int32)
    for start in range(0, points.shape[1], TILE):
        found = places[: min(TILE, points.shape[1] - start)]
        _locate(points, start, box, counts.shape, (False, False), found)
        for i in range(len(found)):
            flat[np.uint32(found[i])] += np.int32(1)


@kernel
def mark(
    points: NDArray[np.float32], box: Window, turned: tuple[bool, bool], hits: NDArray[np.uint8]
) -> None:
    """Overwrite hits [H, W], contiguous, with 1 where a point falls and 0 elsewhere.

    Args:
        points: float32 [2, P], all within `box`.
        box: what fills the picture.
        turned: whether top and bottom, and left and right, change places.
        hits: overwritten.
    """
    hits[:] = 0
    flat = hits.reshape(-1)
    places = np.empty(TILE, np.int32)
    for start in range(0, points.shape[1], TILE):
        found = places[: min(TILE, points.shape[1] - start)]
        _locate(points, start, box, hits.shape, turned, found)
        for i in range(len(found)):
            flat[np.uint32(found[i])] = np.uint8(1)


@kernel
def hold(points: NDArray[np.float32]) -> None:
    """Move points that ran off to the origin, so that the rest can be drawn."""
    flat = points.reshape(-1)
    for i in range(len(flat)):
        flat[i] = flat[i] if abs(flat[i]) < BOUNDED else np.float32(0.0)
