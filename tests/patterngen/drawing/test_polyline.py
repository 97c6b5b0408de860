"""The pixels of closed polylines: against the definition, one by one, and as a whole."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from patterngen.drawing.polyline import draw_closed, stencils

SIZE = 24
SHADE = 9


def corners(low, high):
    return st.lists(st.tuples(st.integers(low, high), st.integers(low, high)), min_size=1, max_size=12)


def draw(points):
    canvas = np.zeros((SIZE, SIZE), np.uint8)
    columns, rows = np.array(points, np.int32).T.copy()
    draw_closed(columns, rows, SHADE, stencils(SIZE), canvas)
    return canvas


def pixels_between(start, end):
    """The nearest pixel at every step along the longer axis; a half is rounded away from the start."""
    start, distance = np.array(start), np.array(end) - start
    steps = max(abs(distance).max(), 1)
    k = np.arange(steps + 1)[:, None]
    return start + np.sign(distance) * ((2 * k * abs(distance) + steps) // (2 * steps))


def expected(points):
    canvas = np.zeros((SIZE, SIZE), np.uint8)
    for start, end in zip(points, points[1:] + points[:1], strict=True):
        for column, row in pixels_between(start, end):
            if 0 <= column < SIZE and 0 <= row < SIZE:
                canvas[row, column] = SHADE
    return canvas


@given(corners(0, SIZE - 1))
def test_lines_have_the_nearest_pixels(points):
    assert np.array_equal(draw(points), expected(points))


@given(corners(-40, 60))
def test_lines_that_leave_the_picture_have_the_same_pixels_inside(points):
    assert np.array_equal(draw(points), expected(points))


def test_a_line_is_followed_only_where_it_may_be_seen():
    """Two thousand million steps long, and done at once."""
    end = 10**9
    canvas = draw([(-end, 5), (end, 5), (end, end), (-end, end)])
    assert np.all(canvas[5] == SHADE)
    assert np.count_nonzero(canvas) == SIZE


@given(corners(0, SIZE - 1))
def test_a_closed_polyline_is_connected(points):
    waiting = [points[0][::-1]]
    unseen = {tuple(place) for place in np.argwhere(draw(points)).tolist()} - set(waiting)
    while waiting:
        row, column = waiting.pop()
        around = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & unseen
        unseen -= around
        waiting.extend(around)
    assert not unseen
