"""Gradient noise: zeros, bounds, continuity; its sums over octaves: their spectrum."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.drawing.gradient_noise import add_moved_noise, add_noise, lattice, noise, pack
from patterngen.families import family
from patterngen.families.perlin import fractal_noise
from patterngen.rng import stream

LATTICE = lattice(stream(np.uint64(11)))
STILL = np.empty((0, 1, 1), np.float32)

cell = st.integers(-600, 600)
place = st.floats(-600, 600)


@given(cell, cell)
def test_noise_is_zero_at_lattice_points(i, j):
    assert noise(float(i), float(j), *LATTICE) == 0


@given(place, place)
def test_noise_stays_in_its_bounds(x, y):
    assert abs(noise(x, y, *LATTICE)) <= math.sqrt(0.5) + 1e-12


@given(cell, cell)
def test_noise_repeats_after_256_cells(i, j):
    x, y = i + 0.25, j + 0.625
    assert noise(x, y, *LATTICE) == noise(x + 256, y, *LATTICE) == noise(x, y - 256, *LATTICE)


@given(cell, st.floats(-5, 5), st.booleans())
def test_first_two_derivatives_are_continuous_between_cells(border, along, upright):
    def at(t):
        return noise(border + t, along, *LATTICE) if upright else noise(along, border + t, *LATTICE)

    h = 1e-3
    # One-sided differences of second order; a jump would not shrink with h.
    left = (3 * at(0) - 4 * at(-h) + at(-2 * h)) / (2 * h)
    right = -(3 * at(0) - 4 * at(h) + at(2 * h)) / (2 * h)
    assert left == pytest.approx(right, abs=1e-4)
    second_left = (2 * at(0) - 5 * at(-h) + 4 * at(-2 * h) - at(-3 * h)) / h**2
    second_right = (2 * at(0) - 5 * at(h) + 4 * at(2 * h) - at(3 * h)) / h**2
    assert second_left == pytest.approx(second_right, abs=2e-2)


def test_the_slope_at_a_lattice_point_is_its_gradient():
    permutation, gradients = LATTICE
    for i, j in [(0, 0), (3, 200), (255, 17)]:
        expected = gradients[permutation[permutation[i] + j]]
        h = 1e-6
        slope = [noise(i + h, float(j), *LATTICE) / h, noise(float(i), j + h, *LATTICE) / h]
        assert slope == pytest.approx(expected, abs=1e-4)
        assert np.hypot(*expected) == pytest.approx(1)


@given(st.floats(0, 256), st.floats(0, 256), st.floats(0.01, 3))
def test_a_field_is_the_noise_at_its_points(x0, y0, step):
    field = np.ones((9, 31), np.float32)
    add_noise(field, 0.5, step, x0, y0, *LATTICE)
    expected = [
        [1 + 0.5 * noise(x0 + step * i, y0 + step * j, *LATTICE) for i in range(31)] for j in range(9)
    ]
    assert field == pytest.approx(np.array(expected), abs=1e-5)


@given(st.floats(0, 256), st.floats(0, 256), st.floats(0.1, 40), st.integers(0, 2**32 - 1))
def test_a_moved_field_is_the_noise_where_its_points_are_moved_to(x0, y0, frequency, seed):
    size = 13
    moved = np.random.default_rng(seed).normal(0, 3, (2, size, size)).astype(np.float32)
    field = np.ones((size, size), np.float32)
    add_moved_noise(field, 0.5, frequency, x0, y0, moved, pack(*LATTICE))
    step = frequency / size
    expected = [
        [
            1 + 0.5 * noise(x0 + step * i + frequency * dx, y0 + step * j + frequency * dy, *LATTICE)
            for i, (dx, dy) in enumerate(zip(*row, strict=True))
        ]
        for j, row in enumerate(moved.astype(float).transpose(1, 0, 2))
    ]
    assert field == pytest.approx(np.array(expected), abs=5e-5)


def fbm(seed, size, moved=STILL, frequency=1.0, octaves=16, gain=0.5):
    field = np.empty((size, size), np.float32)
    summed = fractal_noise(stream(np.uint64(seed)), field, moved, frequency, octaves, gain)
    return field, summed


def radial_slope(power, low, high):
    """Slope of log power against log frequency, over rings of a spectrum [H, W]."""
    size = len(power)
    f = np.hypot(*np.meshgrid(*[np.fft.fftfreq(size, 1 / size)] * 2))
    rings = np.bincount(np.rint(f).astype(int).ravel(), power.ravel()) / np.bincount(
        np.rint(f).astype(int).ravel()
    )
    ring = np.arange(low, high)
    return np.polyfit(np.log(ring), np.log(rings[low:high]), 1)[0]


@pytest.mark.parametrize("hurst", [0.3, 0.6, 0.9])
def test_power_of_fbm_falls_with_its_hurst_exponent(hurst):
    size = 256
    window = np.hanning(size)[:, None] * np.hanning(size)
    power = np.zeros((size, size))
    for seed in range(12):
        field, _ = fbm(seed, size, gain=2.0**-hurst)
        power += np.abs(np.fft.fft2((field - field.mean()) * window)) ** 2
    # Octaves make steps, and the finest has none above it: three whole octaves in the middle are fitted.
    assert radial_slope(power, 5, 41) == pytest.approx(-2 * hurst - 2, abs=0.25)


@pytest.mark.parametrize(
    ("size", "frequency", "summed"), [(256, 1, 8), (256, 8, 5), (64, 1, 6), (64, 100, 1)]
)
def test_octaves_too_fine_to_show_are_left_out(size, frequency, summed):
    _, found = fbm(1, size, frequency=float(frequency))
    assert found == summed
    if summed > 1:
        assert frequency * 2 ** (summed - 1) <= size / 2 < frequency * 2**summed


def test_points_that_are_moved_by_nothing_stay():
    field, _ = fbm(5, 40)
    moved, _ = fbm(5, 40, moved=np.zeros((2, 40, 40), np.float32))
    assert moved == pytest.approx(field, abs=1e-5)


def test_moving_all_points_shifts_the_picture():
    size, pixels = 48, 6
    moved = np.zeros((2, size, size), np.float32)
    moved[0] = pixels / size
    field, _ = fbm(5, size)
    shifted, _ = fbm(5, size, moved=moved)
    assert shifted[:, :-pixels] == pytest.approx(field[:, pixels:], abs=1e-4)


def test_gain_and_frequency_make_pictures_rougher():
    def roughness(text):
        pixels = family(text).draw(range(20), 64).pixels.astype(float)
        return np.abs(np.diff(pixels, axis=2)).mean()

    smooth, rough = (
        roughness(f"fbm?frequency_high=2&gain_low={g}&gain_high={g}&colours=1") for g in (0.2, 0.8)
    )
    assert smooth < rough / 2
    coarse, fine = (roughness(f"perlin?frequency_low={f}&frequency_high={f}&colours=1") for f in (2, 16))
    assert coarse < fine / 2


def test_pictures_say_what_was_drawn():
    for params in family("fbm").draw(range(50), 64).params:
        assert 1 <= params["frequency"] <= 8
        assert 0.3 <= params["gain"] <= 0.7
    frequencies = [p["frequency"] for p in family("perlin").draw(range(300), 8).params]
    # Log-uniform on 2 … 32: half of them below the geometric mean.
    assert np.mean(np.array(frequencies) < 8) == pytest.approx(0.5, abs=0.1)
