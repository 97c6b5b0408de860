"""Simplex noise: zeros, slopes, bounds, its definition, and that it favours no direction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.drawing.gradient_noise import add_noise, lattice, pack
from patterngen.families.simplex import PEAK, SIDE, SKEW, UNSKEW, fill_simplex
from patterngen.rng import stream

PERMUTATION, GRADIENTS = lattice(stream(np.uint64(7)))
PACKED = pack(PERMUTATION, GRADIENTS)

index = st.integers(-500, 500)
place = st.floats(-300, 300)


def noise(x, y):
    field = np.empty((1, 1), np.float32)
    fill_simplex(field, 0.0, x, y, PACKED)
    return float(field[0, 0])


def unskewed(i, j):
    return i - UNSKEW * (i + j), j - UNSKEW * (i + j)


def gradient(i, j):
    return GRADIENTS[PERMUTATION[PERMUTATION[i % 256] + j % 256]]


def defined(x, y):
    """The sum over all lattice points, near or far, without asking for the triangle."""
    i0, j0 = np.floor([x + SKEW * (x + y), y + SKEW * (x + y)]).astype(int)
    total = 0.0
    for i in range(i0 - 2, i0 + 4):
        for j in range(j0 - 2, j0 + 4):
            d = np.subtract((x, y), unskewed(i, j))
            total += max(0.5 - d @ d, 0.0) ** 4 * (gradient(i, j) @ d)
    return PEAK * total


def test_the_lattice_is_one_of_equilateral_triangles():
    corners = np.array([unskewed(0, 0), unskewed(1, 0), unskewed(1, 1)])
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    assert sides == pytest.approx([SIDE] * 3)


@given(index, index)
def test_it_is_zero_at_lattice_points(i, j):
    assert noise(*unskewed(i, j)) == pytest.approx(0, abs=1e-4)


@given(place, place)
def test_it_is_the_sum_over_all_lattice_points(x, y):
    value = noise(x, y)
    assert value == pytest.approx(defined(x, y), abs=2e-3)
    assert abs(value) <= 1 + 1e-3


def test_two_gradients_that_point_at_a_middle_reach_the_bound():
    d = SIDE / 2
    assert PEAK * 2 * (0.5 - d * d) ** 4 * d == pytest.approx(1)


@given(index, index)
def test_its_slope_at_a_lattice_point_is_the_gradient_there(i, j):
    h = 1e-3
    x, y = unskewed(i, j)
    slope = np.array([noise(x + h, y) - noise(x - h, y), noise(x, y + h) - noise(x, y - h)]) / (2 * h)
    # The neighbours, farther than √½, add nothing.
    assert slope == pytest.approx(PEAK * 0.5**4 * gradient(i, j), abs=0.03)


def anisotropy(fields):
    """Deviation over mean of the power in sixteen directions, where most of the power lies."""
    power = sum(np.abs(np.fft.fft2(f - f.mean())) ** 2 for f in fields)
    fy, fx = np.meshgrid(*[np.fft.fftfreq(len(power), 1 / len(power))] * 2, indexing="ij")
    radius, direction = np.hypot(fx, fy), np.floor(np.arctan2(fy, fx) / np.pi * 16 + 0.5).astype(int) % 16
    ring = (radius > 6) & (radius < 28)
    weights = np.bincount(direction[ring], power[ring]) / np.bincount(direction[ring])
    return weights.std() / weights.mean()


def test_it_favours_directions_less_than_noise_on_squares():
    size, waves = 96, 16
    window = np.hanning(size)[:, None] * np.hanning(size)
    simplex, squares = [], []
    for seed in range(40):
        permutation, gradients = lattice(stream(np.uint64(seed)))
        field = np.empty((size, size), np.float32)
        fill_simplex(field, SIDE * waves / size, 3.3 * seed, 1.7 * seed, pack(permutation, gradients))
        simplex.append(field * window)
        field = np.zeros((size, size), np.float32)
        add_noise(field, 1.0, waves / size, 3.3 * seed, 1.7 * seed, permutation, gradients)
        squares.append(field * window)
    assert anisotropy(simplex) < 0.6 * anisotropy(squares)
