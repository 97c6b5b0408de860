"""Fractals of space: attractors that are known, the variance rule, and the eye."""

import math

import numpy as np
import pytest
from scipy import stats

from patterngen.drawing.categories import sample_maps
from patterngen.families import exfractal, family
from patterngen.families.fractal_categories import find_category
from patterngen.rng import stream


def attractor(system, points, seed=1):
    found = np.empty((3, points))
    assert exfractal.follow(stream(np.uint64(seed)), np.array(system, float), found)
    return found


def cube(shifts, scale):
    """Maps that shrink the unit cube towards corners or places of it."""
    return [(scale, 0, 0, 0, scale, 0, 0, 0, scale, *shift) for shift in shifts]


TETRAHEDRON = cube([(0, 0, 0), (0.5, 0, 0), (0, 0.5, 0), (0, 0, 0.5)], 0.5)
DUST = cube([(i, j, k) for i in (0, 2 / 3) for j in (0, 2 / 3) for k in (0, 2 / 3)], 1 / 3)


@pytest.mark.parametrize(
    ("system", "base", "levels", "dimension"),
    [(TETRAHEDRON, 2, range(2, 7), 2.0), (DUST, 3, range(1, 5), math.log(8) / math.log(3))],
    ids=["Sierpinski's tetrahedron", "Cantor dust"],
)
def test_box_counting_dimension(system, base, levels, dimension):
    points = attractor(system, 400_000)
    boxes = []
    for level in levels:
        cells = np.clip((points * base**level + 1e-9).astype(int), 0, base**level - 1)
        _, counts = np.unique(np.ravel_multi_index(cells, (base**level,) * 3), return_counts=True)
        boxes.append(np.count_nonzero(counts >= 5))
    slope = np.polyfit([level * math.log(base) for level in levels], np.log(boxes), 1)[0]
    assert slope == pytest.approx(dimension, abs=0.03)


def test_maps_are_chosen_as_their_volume():
    # Two boxes tile the cube, turned so that every axis moves.
    system = [(0, 0, 0.75, 1, 0, 0, 0, 1, 0, 0, 0, 0), (0, 0, 0.25, 1, 0, 0, 0, 1, 0, 0.75, 0, 0)]
    points = attractor(system, 200_000)
    for axis in points:
        assert np.histogram(axis, 8, (0, 1))[0] / 25_000 == pytest.approx([1] * 8, abs=0.1)


def test_points_that_run_off_end_the_orbit():
    points = np.empty((3, 1000))
    assert not exfractal.follow(stream(np.uint64(1)), np.array(cube([(1, 1, 1)] * 2, 1.5)), points)
    assert np.isfinite(points).all()


@pytest.mark.parametrize("category", range(4))
def test_accepted_categories_vary_along_every_axis(category):
    """Counted anew on other points: the variance of each axis, scaled to −1 … 1, is above 0.15."""
    system = find_category(exfractal.search, 2, category)
    assert 2 <= len(system) <= 7
    assert np.abs(system).max() <= 1
    points = attractor(system, 10_000, seed=77)
    low, high = points.min(1, keepdims=True), points.max(1, keepdims=True)
    scaled = 2 * (points - low) / (high - low) - 1
    # Other points come a little less or farther, and the scale with them.
    assert scaled.var(1).min() > 0.15 * 0.95
    exfractal.fit(points)
    assert points == pytest.approx(scaled, abs=1e-9)
    assert exfractal.least_variance(points) == pytest.approx(scaled.var(1).min(), rel=1e-9)


def test_the_search_accepts_the_first_system_that_varies_enough():
    s = stream(2 << 32 | 1)
    few, points = np.empty((3, 500)), np.empty((3, 10_000))
    while True:
        system = sample_maps(s, 12)
        if not exfractal.follow(s, system, few):
            continue
        scaled = 2 * (few - few.min(1, keepdims=True)) / np.ptp(few, axis=1, keepdims=True) - 1
        if scaled.var(1).min() <= 0.8 * 0.15 or not exfractal.follow(s, system, points):
            continue
        scaled = 2 * (points - points.min(1, keepdims=True)) / np.ptp(points, axis=1, keepdims=True) - 1
        if scaled.var(1).min() > 0.15:
            break
    assert np.array_equal(system, find_category(exfractal.search, 2, 1))


def test_a_category_is_the_same_whenever_it_is_found():
    forwards = [find_category(exfractal.search, 5, k).copy() for k in range(5)]
    find_category.cache_clear()
    backwards = [find_category(exfractal.search, 5, k) for k in reversed(range(5))][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(forwards, backwards, strict=True))
    assert len({system.tobytes() for system in forwards}) == 5


@pytest.mark.parametrize("view", range(12))
def test_the_eye_sees_as_a_pinhole_of_45_degrees(view):
    points = np.random.default_rng(0).uniform(-1, 1, (3, 100))
    angle = view * np.pi / 6
    x, y, z = points
    turned = np.array([np.cos(angle) * x + np.sin(angle) * z, y, np.cos(angle) * z - np.sin(angle) * x])
    depth = 1 + 2 * np.sqrt(2) - turned[2]
    seen = exfractal.project(points, view)
    assert seen == pytest.approx(np.array([turned[0], -turned[1]]) / depth, abs=1e-6)


def test_the_whole_cube_is_in_view():
    corners = np.array(np.meshgrid(*[(-1.0, 1.0)] * 3)).reshape(3, 8)
    for view in range(12):
        assert np.abs(exfractal.project(corners, view)).max() <= math.tan(math.pi / 8)
    # Turned by an eighth, two edges would touch the border: the eye cannot come nearer.
    edge = np.array([[0.0], [1.0], [math.sqrt(2)]])
    assert exfractal.project(edge, 0)[1, 0] == pytest.approx(-math.tan(math.pi / 8))


def test_views_and_classes_are_equally_likely():
    pictures = family("exfractal?categories=3").draw(range(900), 24)
    views = np.bincount([params["view"] for params in pictures.params])
    assert len(views) == 12
    assert stats.chisquare(views).pvalue > 1e-3
    assert stats.chisquare(np.bincount(pictures.class_id)).pvalue > 1e-3


def test_class_ids_and_params():
    pictures = family("exfractal?categories=7").draw(range(30), 16)
    for category, params in zip(pictures.class_id.tolist(), pictures.params, strict=True):
        assert params["maps"] == len(find_category(exfractal.search, 0, category))
    assert family("exfractal").num_classes == 1000
    assert set(np.unique(pictures.pixels)) == {0, 127}
