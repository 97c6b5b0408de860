"""The spectrum that was asked for, in the spectrum and in the field."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.drawing.fourier import backward
from patterngen.drawing.power_spectrum import amplitudes, energy, impose
from tests.patterngen.drawing.test_fourier import noise, transform

EXPONENTS = [0.5, 1.0, 1.7, 2.5, 3.5]


def radial_slope(field):
    """Slope of log amplitude against log frequency over the rings 2 … N/2 − 1 of a picture [N, N]."""
    size = len(field)
    amplitude = np.abs(np.fft.fft2(field - field.mean()))
    f = np.hypot(*np.meshgrid(*[np.fft.fftfreq(size, 1 / size)] * 2))
    ring = np.rint(f).astype(int).ravel()
    mean = np.bincount(ring, amplitude.ravel()) / np.bincount(ring)
    radius = np.bincount(ring, f.ravel()) / np.bincount(ring)
    kept = slice(2, size // 2)
    return np.polyfit(np.log(radius[kept]), np.log(mean[kept]), 1)[0]


def impose_on_noise(size, a, b, seed=0):
    """Return noise, its spectrum, that spectrum with other amplitudes, and the picture that it makes."""
    tables, laid, spectrum = transform(noise(size, seed))
    forced = spectrum.copy()
    impose(forced, amplitudes(a, b, size, size), size)
    backward(forced.copy(), laid, *tables.tables)
    return noise(size, seed), spectrum, forced, laid[:, :size] / size**2


@pytest.mark.parametrize("size", [128, 256])
@pytest.mark.parametrize("s", EXPONENTS)
def test_amplitude_falls_with_the_asked_exponent(s, size):
    *_, field = impose_on_noise(size, s, s)
    assert radial_slope(field) == pytest.approx(-s, abs=0.05)


@pytest.mark.parametrize("shape", [(16, 16), (17, 17), (8, 30), (30, 9), (1, 5)])
def test_amplitudes_follow_their_formula(shape):
    down, across = (np.abs(np.fft.fftfreq(side)) for side in shape)
    with np.errstate(divide="ignore"):
        wanted = 1 / (2.0**-52 + across[:, None] ** 1.3 + down[None, : shape[0] // 2 + 1] ** 1.1)
    wanted[0, 0] = 0
    found = amplitudes(1.3, 1.1, *shape)[:, : shape[0] // 2 + 1]
    assert found / found.max() == pytest.approx(wanted / wanted.max(), rel=1e-6)


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 40), st.floats(0.2, 4), st.integers(0, 10**6))
def test_phases_mean_and_deviation_stay(size, s, seed):
    before, spectrum, forced, field = impose_on_noise(size, s, s, seed)
    assert field.mean() == pytest.approx(before.mean(), abs=1e-5)
    assert field.std() == pytest.approx(before.std(), rel=1e-3, abs=1e-5)
    kept = slice(0, size // 2 + 1)
    z, w = (x[0, :, kept] + 1j * x[1, :, kept] for x in (spectrum, forced))
    turned = z * np.conj(w)
    assert np.abs(turned.imag).max() <= 1e-5 * np.abs(turned).max()
    assert turned.real.min() >= 0


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 10**6))
@settings(deadline=None)
def test_energy_is_the_variance(height, width, seed):
    picture = noise(height, seed, width)
    _, _, spectrum = transform(picture)
    assert energy(*spectrum, height) / picture.size**2 == pytest.approx(picture.var(), rel=1e-4, abs=1e-9)


def test_nine_more_rounds_change_nothing():
    *_, forced, _ = impose_on_noise(64, 1.83, 1.77)
    again = forced.copy()
    for _ in range(9):
        impose(again, amplitudes(1.83, 1.77, 64, 64), 64)
    assert again == pytest.approx(forced, abs=1e-5 * float(np.abs(forced[:, 1:]).max()))
