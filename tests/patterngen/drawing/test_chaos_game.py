"""The chaos game: attractors that are known, and the pixels their points fall on."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.drawing import chaos_game
from patterngen.drawing.ifs import fixed_point
from patterngen.rng import stream

SIERPINSKI = [(0.5, 0, 0, 0.5, 0, 0), (0.5, 0, 0, 0.5, 0.5, 0), (0.5, 0, 0, 0.5, 0, 0.5)]
CARPET = [(1 / 3, 0, 0, 1 / 3, i / 3, j / 3) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
CANTOR = [(1 / 3, 0, 0, 1 / 3, i / 3, j / 3) for i in (0, 2) for j in (0, 2)]
VICSEK = [(1 / 3, 0, 0, 1 / 3, i / 3, j / 3) for i, j in ((0, 0), (2, 0), (1, 1), (0, 2), (2, 2))]
NOT_TURNED = (False, False)


def attractor(system, points, seed=1):
    found = np.empty((2, points), np.float32)
    system = np.array(system, float)
    chaos_game.follow(stream(np.uint64(seed)), system, fixed_point(system), found)
    return found


def window(points):
    return tuple(np.float32(side) for side in chaos_game.window(points))


def box_dimension(points, base, levels):
    """Slope of log(boxes that hold a point) against log(1 / width of a box), on the unit square."""
    boxes = []
    for level in levels:
        cells = np.minimum((points * base**level).astype(int), base**level - 1)
        # Rounding carries a few points over a border into boxes that are empty; others hold 76 and more.
        boxes.append(np.count_nonzero(np.bincount(cells[0] * base**level + cells[1]) >= 20))
    return np.polyfit([level * math.log(base) for level in levels], np.log(boxes), 1)[0]


@pytest.mark.parametrize(
    ("system", "base", "levels", "dimension"),
    [
        (SIERPINSKI, 2, range(2, 9), math.log(3) / math.log(2)),
        (SIERPINSKI * 5, 2, range(2, 9), math.log(3) / math.log(2)),
        (CARPET, 3, range(1, 5), math.log(8) / math.log(3)),
        (CANTOR, 3, range(1, 6), math.log(4) / math.log(3)),
        (VICSEK, 3, range(1, 6), math.log(5) / math.log(3)),
    ],
    ids=["Sierpinski", "Sierpinski of 15 maps", "carpet", "Cantor dust", "Vicsek"],
)
def test_box_counting_dimension(system, base, levels, dimension):
    assert box_dimension(attractor(system, 500_000), base, levels) == pytest.approx(dimension, abs=0.03)


@pytest.mark.parametrize("columns", [2, 3, 4, 5, 8, 11])
def test_maps_are_chosen_as_their_area(columns):
    """Strips of unlike width tile the unit square; chosen as their area, points fill it evenly."""
    edges = np.cumsum([0, *range(1, columns + 1)]) / sum(range(1, columns + 1))
    # Each map turns the square on its side before it narrows it, or y would never move.
    system = [(0.0, right - left, 1.0, 0.0, left, 0) for left, right in pairwise(edges)]
    points = attractor(system, 200_000)
    counts, _, _ = np.histogram2d(points[0], points[1], bins=8, range=((0, 1), (0, 1)))
    # Successive points of an orbit are not independent, so the deviation is bounded, not tested.
    assert np.abs(counts / (200_000 / 64) - 1).max() < 0.15
    assert points.min() >= 0
    assert points.max() <= 1 + 1e-6


def test_the_attractor_is_the_union_of_its_images():
    """x and y of maps that swap them, contract and shift agree with the maps applied to the set."""
    system = np.array([(0.0, 0.5, 0.5, 0.0, 0.0, 0.0), (0.0, -0.5, 0.5, 0.0, 1.0, 0.5)])
    points = attractor(system, 100_000)
    images = [
        np.stack([a * points[0] + b * points[1] + e, c * points[0] + d * points[1] + f])
        for a, b, c, d, e, f in system
    ]
    low = np.minimum(images[0].min(1), images[1].min(1))
    high = np.maximum(images[0].max(1), images[1].max(1))
    assert low == pytest.approx(points.min(1), abs=1e-3)
    assert high == pytest.approx(points.max(1), abs=1e-3)


def test_flat_maps_are_all_chosen():
    points = attractor([(0, 0, 0, 0, i, 0) for i in range(6)], 6000)
    assert np.bincount(points[0].astype(int)) == pytest.approx([1000] * 6, rel=0.15)


@pytest.mark.parametrize("maps", [3, 5])
@pytest.mark.parametrize("count", [1, 63, 64, 65, 1000])
def test_any_number_of_points(maps, count):
    points = attractor((SIERPINSKI * 2)[:maps], count)
    assert np.all((points >= 0) & (points <= 1))


@pytest.mark.parametrize("system", [SIERPINSKI, SIERPINSKI * 2])
def test_more_points_begin_with_fewer(system):
    """The points of a longer orbit continue those of a shorter one, so a picture only gets denser."""
    assert np.array_equal(attractor(system, 1000)[:, :100], attractor(system, 100))


@pytest.mark.parametrize("maps", [2, 7])
def test_points_that_run_off_are_noticed_and_can_be_held(maps):
    points = np.empty((2, 100_000), np.float32)
    chaos_game.follow(stream(np.uint64(1)), np.array([(1.5, 0, 0, 1.5, 1.0, 1.0)] * maps), (0.0, 0.0), points)
    assert not chaos_game.bounded(window(points))
    chaos_game.hold(points)
    assert chaos_game.bounded(window(points))
    assert np.isfinite(points).all()
    assert chaos_game.bounded(window(attractor(SIERPINSKI, 1000)))


@given(st.lists(st.floats(-(2.0**99), 2.0**99, width=32), min_size=2, max_size=200))
def test_the_window_is_the_bounding_box(values):
    points = np.array([values, values[::-1]], np.float32)
    points[1] *= np.float32(0.5)
    left, right, top, bottom = chaos_game.window(points)
    assert (left, right) == (points[0].min(), points[0].max())
    assert (top, bottom) == (points[1].min(), points[1].max())


def test_counts_are_those_of_a_histogram():
    points = attractor(SIERPINSKI, 20_000)
    counts = np.empty((50, 80), np.int32)
    chaos_game.count(points, window(points), counts)
    x, y = (points - points.min(1, keepdims=True)) / np.ptp(points, axis=1, keepdims=True)
    expected, _, _ = np.histogram2d(y, x, bins=(50, 80), range=((0, 1), (0, 1)))
    assert counts.sum() == 20_000
    # A point on the border of two pixels may fall on either.
    assert np.abs(counts - expected).sum() < 20_000 * 0.02
    hits = np.empty((50, 80), np.uint8)
    chaos_game.mark(points, window(points), NOT_TURNED, hits)
    assert np.array_equal(hits, counts > 0)


@pytest.mark.parametrize("turned", [(True, False), (False, True), (True, True)])
def test_hits_are_mirrored(turned):
    points = attractor(CARPET, 20_000)
    plain, mirrored = np.empty((64, 64), np.uint8), np.empty((64, 64), np.uint8)
    chaos_game.mark(points, window(points), NOT_TURNED, plain)
    chaos_game.mark(points, window(points), turned, mirrored)
    back = mirrored[:: -1 if turned[0] else 1, :: -1 if turned[1] else 1]
    assert (plain != back).mean() < 0.02
    assert not np.array_equal(plain, mirrored)


@pytest.mark.parametrize("shape", [(8, 8), (1, 1), (1, 5)])
def test_points_that_coincide_fall_on_one_pixel(shape):
    counts = np.empty(shape, np.int32)
    points = np.ones((2, 100), np.float32)
    chaos_game.count(points, window(points), counts)
    assert counts.max() == counts.sum() == 100
