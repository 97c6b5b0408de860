"""Histogram matching: the distribution that was asked for, in the order that was there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.drawing.marginals import generalised_gaussian, histogram, match


def distance(values, law):
    """Return the Kolmogorov–Smirnov distance of some values from a law."""
    values = np.sort(np.ravel(values))
    below = np.interp(values, law[1], law[0])
    steps = np.arange(len(values) + 1) / len(values)
    return max(np.abs(below - steps[:-1]).max(), np.abs(below - steps[1:]).max())


@pytest.mark.parametrize("scale", [1 / 4, 1 / 16, 1 / 256, 4.0**-8, 0.0])
@pytest.mark.parametrize("shape", [0.4, 0.8, 2.0])
def test_generalised_gaussians_have_their_density(scale, shape):
    law = generalised_gaussian(scale, shape, 200.0)
    x = np.linspace(-200, 200, 1_000_001)
    density = np.exp(-(np.abs(x * scale) ** shape))
    below = np.cumsum(density) / density.sum()
    assert np.abs(np.interp(x, law[1], law[0]) - below).max() < 1e-3
    assert np.all(np.diff(law[1]) > 0)
    assert np.all(np.diff(law[0]) >= 0)
    assert law[0] + law[0, ::-1] == pytest.approx(1)
    assert law[1] == pytest.approx(-law[1, ::-1])


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50), st.integers(1, 40))
def test_a_histogram_is_that_of_numpy(values, bins):
    values = np.array(values)
    law = histogram(values, bins)
    assert law[1, [0, -1]] == pytest.approx([values.min(), values.max()])
    assert law[0, -1] == pytest.approx(1)
    inner = values[:, None] < law[1, 1:-1]
    edge = np.isclose(values[:, None], law[1, 1:-1], rtol=1e-9, atol=1e-9)
    # At each edge: as many as lie below it, give or take those that lie on it.
    assert np.all(law[0, 1:-1] * len(values) >= (inner & ~edge).sum(0) - 1e-9)
    assert np.all(law[0, 1:-1] * len(values) <= (inner | edge).sum(0) + 1e-9)


@pytest.mark.parametrize("size", [32, 64, 128])
@pytest.mark.parametrize("before", ["normal", "uniform", "cauchy"])
def test_any_field_takes_the_law(size, before):
    rng = np.random.default_rng(1)
    draw = {"normal": rng.normal, "uniform": rng.uniform, "cauchy": rng.standard_t}[before]
    field = draw(size=(size, size), **({"df": 2.5} if before == "cauchy" else {})).astype(np.float32)
    law = generalised_gaussian(0.25, 0.5, 200.0)
    matched = field.copy()
    match(matched, size, law)
    # Kolmogorov–Smirnov at 1 % would let pass 1.63 / size.
    assert distance(matched, law) < 0.5 / size
    in_order = matched.ravel()[np.argsort(field, axis=None)]
    assert np.all(np.diff(in_order) >= -1e-4)


@settings(deadline=None)
@given(st.integers(1, 40), st.floats(-1e6, 1e6, width=32))
def test_a_flat_field_stays(size, value):
    field = np.full((size, -(-size // 16) * 16), value, np.float32)
    match(field, size, generalised_gaussian(0.25, 0.5, 200.0))
    assert np.all(field == np.float32(value))


def test_columns_beyond_the_picture_are_neither_read_nor_written():
    field = np.zeros((5, 16), np.float32)
    field[:, :5] = np.arange(25).reshape(5, 5)
    field[:, 5:] = 1e9
    match(field, 5, histogram(np.linspace(0, 1, 100), 10))
    assert np.all(field[:, 5:] == 1e9)
    assert field[:, :5].min() == pytest.approx(0, abs=1e-6)
    assert 0.9 < field[:, :5].max() <= 1
