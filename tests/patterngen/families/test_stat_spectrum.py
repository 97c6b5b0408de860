"""The spectrum that was asked for, in the spectrum, in the field and in the bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.families import family
from patterngen.families.stat_spectrum import add_phases, amplitudes, palette_axes, principal_axes
from patterngen.kernels import stream

seeds = st.integers(0, 2**63 - 1)


def radial_slope(amplitude):
    """Slope of log amplitude against log frequency over the rings 2 … N/2 − 1 of [N, N] (all of fx, fy)."""
    size = len(amplitude)
    f = np.hypot(*np.meshgrid(*[np.fft.fftfreq(size, 1 / size)] * 2))
    ring = np.rint(f).astype(int).ravel()
    mean = np.bincount(ring, amplitude.ravel()) / np.bincount(ring)
    radius = np.bincount(ring, f.ravel()) / np.bincount(ring)
    kept = slice(2, size // 2)
    return np.polyfit(np.log(radius[kept]), np.log(mean[kept]), 1)[0]


def draw_field(seed, s, size, spread=0.0):
    spectrum = np.empty((size, size // 2 + 1), complex)
    add_phases(stream(np.uint64(seed)), amplitudes(s + spread, s - spread, size), spectrum)
    return spectrum, np.fft.irfft2(spectrum, (size, size))


@pytest.mark.parametrize("size", [128, 256])
@pytest.mark.parametrize("s", [0.5, 1.0, 1.7, 2.5, 3.5])
def test_amplitude_falls_with_the_asked_exponent(s, size):
    _, field = draw_field(7, s, size)
    assert radial_slope(np.abs(np.fft.fft2(field))) == pytest.approx(-s, abs=0.05)


@pytest.mark.parametrize("s", [0.5, 1.0, 1.5])
def test_bytes_keep_the_exponent(s):
    # Steeper spectra end below the rounding to bytes; up to here it does not show.
    drawer = family(f"stat-spectrum?exponent_low={s}&exponent_high={s}")
    slopes = [
        radial_slope(np.abs(np.fft.fft2(picture.mean(2) - picture.mean())))
        for picture in drawer.draw(range(12), 256).pixels
    ]
    assert np.mean(slopes) == pytest.approx(-s, abs=0.05)


@settings(deadline=None)
@given(seeds, st.floats(0, 4), st.integers(2, 33))
def test_the_spectrum_is_that_of_a_real_picture(seed, s, size):
    spectrum, field = draw_field(seed, s, size)
    scale = np.abs(spectrum).max()
    assert np.fft.rfft2(field) == pytest.approx(spectrum, abs=1e-9 * scale)


@given(seeds, st.floats(0, 4), st.integers(4, 33))
def test_a_channel_has_the_variance_of_uniform_noise(seed, s, size):
    _, field = draw_field(seed, s, size, spread=0.05)
    assert field.mean() == pytest.approx(0, abs=1e-9)
    assert field.var() == pytest.approx(1 / 12, rel=1e-9)


def test_nine_more_rounds_change_nothing():
    """The published loop, spectrum step only, on what one round gives."""
    size, a, b = 64, 1.83, 1.77
    _, once = draw_field(3, 1.8, size, spread=0.03)
    f = np.abs(np.fft.fftfreq(size))
    with np.errstate(divide="ignore"):
        wanted = 1 / (2.0**-52 + f[None, :] ** a + f[:, None] ** b)
    wanted[0, 0] = 0
    picture = 0.5 + once
    for _ in range(9):
        mean, deviation = picture.mean(), picture.std()
        phase = np.angle(np.fft.fft2(picture))
        picture = np.fft.ifft2(wanted * np.exp(1j * phase)).real
        picture = (picture - picture.mean()) / picture.std() * deviation + mean
    assert picture == pytest.approx(0.5 + once, abs=1e-9)


def test_phases_are_uniform():
    spectrum, _ = draw_field(1, 1.0, 128)
    free = np.angle(spectrum[:, 1:-1]).ravel()
    counts, _ = np.histogram(free, bins=16, range=(-np.pi, np.pi))
    assert counts == pytest.approx(np.full(16, len(free) / 16), rel=0.15)


@given(seeds)
def test_palette_axes_are_an_orthonormal_frame(seed):
    axes = palette_axes(stream(np.uint64(seed)))
    assert axes.T @ axes == pytest.approx(np.eye(3), abs=1e-12)


@given(st.lists(st.floats(-3, 3), min_size=9, max_size=9))
def test_principal_axes_diagonalise(values):
    root = np.array(values).reshape(3, 3)
    scatter = root @ root.T
    axes = principal_axes(scatter.copy())
    turned = axes.T @ scatter @ axes
    assert turned == pytest.approx(np.diag(np.linalg.eigvalsh(scatter)[::-1]), abs=1e-10)


def test_exponents_are_drawn_as_published():
    params = family("stat-spectrum").draw(range(600), 4).params
    s = np.array([p["exponent"] for p in params])
    d = np.array([p["exponent_x"] for p in params]) - s
    assert 0.5 <= s.min() <= 0.55
    assert 3.45 <= s.max() <= 3.5
    assert s.mean() == pytest.approx(2, abs=0.12)
    assert d.std() == pytest.approx(0.05, rel=0.12)
    assert np.array([p["exponent_y"] for p in params]) == pytest.approx(s - d)


def test_every_picture_spans_all_bytes():
    for picture in family("stat-spectrum").draw(range(10), 64).pixels:
        assert (picture.min(), picture.max()) == (0, 255)
