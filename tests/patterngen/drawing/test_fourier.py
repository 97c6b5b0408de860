"""The transform against NumPy's, and there and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.drawing.fourier import backward, forward, fourier
from patterngen.drawing.simd import transpose
from patterngen.kernels.jit import kernel


def transform(picture):
    """Return the tables of a size, a picture laid out for `forward`, and its spectrum."""
    tables = fourier(*picture.shape)
    laid = np.zeros(tables.picture, np.float32)
    laid[:, : picture.shape[1]] = picture
    spectrum = np.zeros(tables.spectrum, np.float32)
    forward(laid, spectrum, *tables.tables)
    return tables, laid, spectrum


def noise(size, seed=0, width=None):
    return np.random.default_rng(seed).random((size, width or size))


# Powers of two as they are used; three primes, one of them more than a vector; products of both.
@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8, 9, 16, 31, 32, 45, 61, 64, 100, 128, 224, 256])
def test_spectra_are_those_of_numpy(size):
    check_spectrum(noise(size))


@pytest.mark.parametrize("shape", [(1, 9), (9, 1), (2, 64), (80, 208), (208, 80), (5, 7), (61, 16)])
def test_spectra_of_rectangles_are_those_of_numpy(shape):
    check_spectrum(noise(shape[0], width=shape[1]))


def check_spectrum(picture):
    _, _, spectrum = transform(picture)
    size = len(picture)
    found = (spectrum[0] + 1j * spectrum[1])[:, : size // 2 + 1]
    # Ours has fx along the rows.
    assert found == pytest.approx(np.fft.rfft2(picture.T), abs=1e-6 * max(picture.shape) ** 1.5)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 10**6))
def test_there_and_back(height, width, seed):
    picture = noise(height, seed, width)
    tables, laid, spectrum = transform(picture)
    back = np.zeros_like(laid)
    backward(spectrum, back, *tables.tables)
    assert back[:, :width] / (height * width) == pytest.approx(picture, abs=1e-5)


def test_one_wave_is_one_frequency():
    size, fx, fy = 48, 5, 7
    y, x = np.mgrid[:size, :size]
    _, _, spectrum = transform(np.cos(2 * np.pi * (fx * x + fy * y) / size))
    power = np.hypot(*spectrum)[:, : size // 2 + 1]
    assert np.unravel_index(power.argmax(), power.shape) == (fx, fy)
    assert power[fx, fy] == pytest.approx(size**2 / 2, rel=1e-5)
    power[fx, fy] = 0
    assert power.max() < 1e-2


@kernel
def turn(source, target):
    transpose(source, 3, 9, target, 5, 11)


def test_blocks_are_transposed_in_place_of_what_was_there():
    source = np.arange(100, dtype=np.float32)
    target = np.full(100, -1, np.float32)
    turn(source, target)
    rows = np.lib.stride_tricks.as_strided(source[3:], (8, 8), (36, 4))
    columns = np.lib.stride_tricks.as_strided(target[5:], (8, 8), (44, 4))
    assert np.array_equal(columns, rows.T)
    assert np.sum(target == -1) == 100 - 64
