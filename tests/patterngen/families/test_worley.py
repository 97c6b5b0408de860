"""Cellular noise: the exact nearest points, and the law of their distances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from patterngen.families.worley import CHEBYSHEV, EUCLIDEAN, MANHATTAN, Worley, nearest_two, scatter
from patterngen.rng import stream

LENGTHS = {
    EUCLIDEAN: lambda d: np.hypot(d[..., 0], d[..., 1]),
    MANHATTAN: lambda d: np.abs(d).sum(-1),
    CHEBYSHEV: lambda d: np.abs(d).max(-1),
}


def fields(points, metric, size):
    nearest, second = np.empty((2, size, size), np.float32)
    nearest_two(points, metric, nearest, second)
    return nearest, second


def every_distance(points, metric, size):
    """Distances of all pixels to all points, and to their copies in the pictures around: [size², …]."""
    around = np.arange(-2, 3)
    copies = points[:, None] + np.stack(np.meshgrid(around, around), -1).reshape(1, 25, 2)
    centres = np.stack(np.meshgrid(*[np.arange(size) + 0.5] * 2), -1).reshape(-1, 1, 2)
    return np.partition(LENGTHS[metric](copies.reshape(1, -1, 2) * size - centres), 1, axis=1)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**63 - 1), st.integers(1, 60), st.sampled_from(list(LENGTHS)), st.integers(1, 40))
def test_the_nearest_two_are_those_of_a_search_through_all(seed, count, metric, size):
    points = scatter(stream(np.uint64(seed)), count)
    nearest, second = fields(points, metric, size)
    expected = every_distance(points, metric, size)
    assert nearest.ravel() == pytest.approx(expected[:, 0], rel=1e-4, abs=1e-3)
    assert second.ravel() == pytest.approx(expected[:, 1], rel=1e-4, abs=1e-3)
    assert np.all(nearest <= second)


def test_points_that_crowd_one_corner_are_found():
    points = 0.02 * scatter(stream(np.uint64(1)), 300)
    for metric in LENGTHS:
        nearest, second = fields(points, metric, 18)
        expected = every_distance(points, metric, 18)
        assert nearest.ravel() == pytest.approx(expected[:, 0], rel=1e-4, abs=1e-3)
        assert second.ravel() == pytest.approx(expected[:, 1], rel=1e-4, abs=1e-3)


@pytest.mark.parametrize(("metric", "area"), [(EUCLIDEAN, np.pi), (MANHATTAN, 2.0), (CHEBYSHEV, 4.0)])
def test_the_distance_to_the_nearest_follows_its_law(metric, area):
    count, size = 60, 16
    found = [fields(scatter(stream(np.uint64(k)), count), metric, size)[0][3, 5] for k in range(1500)]
    # None of the points lies in the ball: for many of them Rayleigh's law, exp(−area · density · r²).
    law = kstest(np.array(found) / size, lambda r: 1 - (1 - np.minimum(area * r * r, 1)) ** count)
    assert law.pvalue > 0.01


def test_pictures_tile_a_plane():
    nearest, _ = fields(scatter(stream(np.uint64(3)), 12), EUCLIDEAN, 64)
    across, seam = np.abs(np.diff(nearest, axis=1)).max(), np.abs(nearest[:, 0] - nearest[:, -1]).max()
    assert seam <= across <= 1 + 1e-3  # a distance grows by no more than the step


@pytest.mark.parametrize("feature", ["f1", "f2", "f2-f1"])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
def test_what_is_asked_for_is_drawn(metric, feature):
    worley = Worley(metric=metric, feature=feature, points_low=20, points_high=20, colours=1)
    pictures = worley.draw([5], 64)
    assert pictures.params == [{"points": 20, "metric": metric, "feature": feature}]
    mixed = Worley().draw(range(60), 16).params
    assert {p["metric"] for p in mixed} == {"euclidean", "manhattan", "chebyshev"}
    assert {p["feature"] for p in mixed} == {"f1", "f2", "f2-f1"}


def test_the_number_of_points_is_log_uniform():
    points = np.array([p["points"] for p in Worley().draw(range(400), 2).params])
    assert points.min() >= 16
    assert points.max() <= 1024
    assert np.mean(points < 128) == pytest.approx(0.5, abs=0.08)
