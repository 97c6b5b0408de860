"""Palettes: their axes and their distributions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.drawing.colour_model import colour_model, principal_axes, stripes
from patterngen.rng import stream

seeds = st.integers(0, 2**63 - 1)


def model(seed, low=3, high=22, size=64):
    return colour_model(stream(np.uint64(seed)), low, high, size)


@settings(deadline=None)
@given(seeds)
def test_axes_are_an_orthonormal_frame(seed):
    _, _, _, axes, _ = model(seed)
    assert axes.T @ axes == pytest.approx(np.eye(3), abs=1e-12)


@given(st.lists(st.floats(-3, 3), min_size=9, max_size=9))
def test_principal_axes_diagonalise(values):
    root = np.array(values).reshape(3, 3)
    scatter = root @ root.T
    axes = principal_axes(scatter.copy())
    turned = axes.T @ scatter @ axes
    assert turned == pytest.approx(np.diag(np.linalg.eigvalsh(scatter)[::-1]), abs=1e-10)


@settings(deadline=None)
@given(seeds, st.integers(1, 64), st.integers(1, 10), st.integers(1, 40))
def test_stripes_span_all_values(seed, count, blur, size):
    pixels = stripes(stream(np.uint64(seed)), count, blur, size)
    assert pixels.shape[1] == 3
    assert (pixels.min(), pixels.max()) == pytest.approx((0, 256))


def test_the_laws_describe_the_pixels():
    """Means and variances of the stripes come back out of the laws along the axes."""
    for seed in range(20):
        _, _, mean, axes, laws = model(seed)
        middle = (laws[:, 1, 1:] + laws[:, 1, :-1]) / 2
        share = np.diff(laws[:, 0])
        along = (share * middle).sum(1)
        variance = (share * (middle - along[:, None]) ** 2).sum(1)
        width = laws[:, 1, 1] - laws[:, 1, 0]
        assert np.all(np.abs(along) < width)  # the mean lies at 0, but for the width of the bins
        assert np.all(np.diff(variance) < width.max() ** 2)  # the widest axis first
        assert np.all((mean >= 0) & (mean <= 256))
        # No colour lies outside the cube: the ends of the axes, turned into RGB, stay near it.
        ends = mean + (axes @ np.diag(laws[:, 1, -1] - laws[:, 1, 0])).T
        assert np.abs(ends).max() < 256 * (1 + np.sqrt(3))


def test_palettes_are_drawn_as_published():
    drawn = [model(seed, size=16)[:2] for seed in range(2000)]
    counts, blurs = np.transpose(drawn)
    assert set(counts) == set(range(3, 23))
    assert set(blurs) == set(range(1, 11))
    assert counts.mean() == pytest.approx(12.5, abs=0.6)


def test_one_colour_is_only_its_noise():
    _, _, _, _, laws = model(1, 1, 1)
    assert np.all(np.isfinite(laws))
