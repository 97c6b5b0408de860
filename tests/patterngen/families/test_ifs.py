"""Iterated function systems: the sampler's constraints, and attractors that are known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from patterngen.families import family, ifs
from patterngen.kernels import stream


@st.composite
def systems(draw):
    maps = draw(st.integers(2, 8))
    factor = draw(st.floats((5 + maps) / 2, (6 + maps) / 2))
    return draw(st.integers(0, 2**63 - 1)), maps, factor


@given(systems())
def test_singular_values_obey_their_constraints(system):
    seed, maps, factor = system
    singular = ifs.sample_singular_values(stream(np.uint64(seed)), maps, factor)
    assert singular.shape == (maps, 2)
    assert np.all(singular[:, 0] <= 1 + 1e-12)
    assert np.all(singular[:, 1] <= singular[:, 0] + 1e-12)
    assert np.all(singular[:, 1] >= -1e-12)
    assert (singular[:, 0] + 2 * singular[:, 1]).sum() == pytest.approx(factor, abs=1e-9)


@given(systems())
def test_maps_have_the_sampled_singular_values(system):
    seed, maps, factor = system
    singular = ifs.sample_singular_values(stream(np.uint64(seed)), maps, factor)
    drawn = ifs.sample_system(stream(np.uint64(seed)), maps, factor)
    found = np.linalg.svd(drawn[:, :4].reshape(maps, 2, 2), compute_uv=False)
    assert found == pytest.approx(singular, abs=1e-9)
    assert np.all(np.abs(drawn[:, 4:]) <= 1)


def test_both_orientations_and_all_turns_are_drawn():
    drawn = np.concatenate([ifs.sample_system(stream(np.uint64(seed)), 2, 3.7) for seed in range(2000)])
    determinants = drawn[:, 0] * drawn[:, 3] - drawn[:, 1] * drawn[:, 2]
    assert np.mean(determinants > 0) == pytest.approx(0.5, abs=0.03)
    # R(θ) turns the long axis of every map's image to any direction, equally often.
    u, _, _ = np.linalg.svd(drawn[:, :4].reshape(-1, 2, 2))
    directions = np.arctan2(u[:, 1, 0], u[:, 0, 0]) % np.pi
    assert stats.kstest(directions, stats.uniform(0, np.pi).cdf).pvalue > 1e-3


def attractor(system, points):
    found = np.empty((2, points), np.float32)
    ifs.follow(stream(np.uint64(1)), np.array(system, float), found)
    return found


def box_dimension(points, base, levels):
    """Slope of log(boxes that hold a point) against log(1 / width of a box), on the unit square."""
    boxes = []
    for level in levels:
        cells = np.minimum((points * base**level).astype(int), base**level - 1)
        # Rounding carries a few points over a border into boxes that are empty; others hold 76 and more.
        boxes.append(np.count_nonzero(np.bincount(cells[0] * base**level + cells[1]) >= 20))
    return np.polyfit([level * math.log(base) for level in levels], np.log(boxes), 1)[0]


SIERPINSKI = [(0.5, 0, 0, 0.5, 0, 0), (0.5, 0, 0, 0.5, 0.5, 0), (0.5, 0, 0, 0.5, 0, 0.5)]
CARPET = [(1 / 3, 0, 0, 1 / 3, i / 3, j / 3) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
CANTOR = [(1 / 3, 0, 0, 1 / 3, i / 3, j / 3) for i in (0, 2) for j in (0, 2)]


@pytest.mark.parametrize(
    ("system", "base", "levels", "dimension"),
    [
        (SIERPINSKI, 2, range(2, 9), math.log(3) / math.log(2)),
        (CARPET, 3, range(1, 5), math.log(8) / math.log(3)),
        (CANTOR, 3, range(1, 6), math.log(4) / math.log(3)),
    ],
)
def test_box_counting_dimension(system, base, levels, dimension):
    assert box_dimension(attractor(system, 500_000), base, levels) == pytest.approx(dimension, abs=0.03)


def test_maps_are_chosen_as_their_area():
    """Four rectangles of unlike area tile the unit square; chosen as their area, points fill it evenly."""
    system = [
        (0.7, 0, 0, 0.4, 0, 0),
        (0.3, 0, 0, 0.4, 0.7, 0),
        (0.2, 0, 0, 0.6, 0, 0.4),
        (0.8, 0, 0, 0.6, 0.2, 0.4),
    ]
    points = attractor(system, 200_000)
    counts, _, _ = np.histogram2d(points[0], points[1], bins=10, range=((0, 1), (0, 1)))
    # Successive points of an orbit are not independent, so the mean square deviation is bounded, not tested.
    assert np.abs(counts / 2000 - 1).max() < 0.12
    assert points.min() >= 0
    assert points.max() <= 1


def test_every_point_is_its_own_systems():
    """x and y of a map that swaps them, contracts and shifts agree with the map applied to the set."""
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


@pytest.mark.parametrize("count", [1, 63, 64, 65, 1000])
def test_any_number_of_points(count):
    points = attractor(SIERPINSKI, count)
    assert np.all((points >= 0) & (points <= 1))


def test_the_window_is_the_bounding_box():
    points = attractor(SIERPINSKI, 20_000)
    counts = np.empty((50, 80), np.int32)
    ifs.density(points, counts)
    assert counts.sum() == 20_000
    assert min(counts[0].sum(), counts[-1].sum(), counts[:, 0].sum(), counts[:, -1].sum()) > 0


def test_points_that_coincide_fall_on_one_pixel():
    counts = np.empty((8, 8), np.int32)
    ifs.density(np.ones((2, 100), np.float32), counts)
    assert counts.max() == counts.sum() == 100


def test_pictures_say_what_was_drawn():
    for params in family("fractal-color").draw(range(50), 32).params:
        assert params["maps"] in (2, 3, 4)
        assert (5 + params["maps"]) / 2 <= params["sigma_factor"] <= (6 + params["maps"]) / 2
        assert 0.4 <= params["decay"] <= 0.8
