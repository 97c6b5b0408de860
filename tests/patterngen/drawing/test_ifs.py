"""Iterated function systems: the constraints of the sampler."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from patterngen.drawing import ifs
from patterngen.rng import stream


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


@given(systems())
def test_the_fixed_point_stays_in_place(system):
    seed, maps, factor = system
    drawn = ifs.sample_system(stream(np.uint64(seed)), maps, factor)
    x, y = ifs.fixed_point(drawn)
    a, b, c, d, e, f = drawn[0]
    scale = 1 + abs(x) + abs(y)
    assert (a * x + b * y + e, c * x + d * y + f) == pytest.approx((x, y), abs=1e-9 * scale)
