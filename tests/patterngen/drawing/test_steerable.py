"""The pyramid as a tight frame of oriented bands."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.drawing.fourier import backward, forward
from patterngen.drawing.marginals import generalised_gaussian, histogram
from patterngen.drawing.steerable import add_band, match_bands, pyramid, take_band
from tests.patterngen.drawing.test_fourier import noise, transform
from tests.patterngen.drawing.test_marginals import distance


def bands(filters, spectrum):
    """Return each level's bands, [bands, n, n], as pictures."""
    whole = root(filters.levels[0])
    pictures = []
    for level in filters.levels:
        rows, n = level.fourier.height, level.fourier.width
        found = []
        for response in level.responses:
            factor = np.float32(1 / (whole * root(level)))
            take_band(spectrum, response, rows, level.odd, factor, level.spectrum)
            backward(level.spectrum, level.picture, *level.fourier.tables)
            found.append(level.picture[:, :n].copy())
        pictures.append(np.stack(found))
    return pictures


def root(level):
    """Return the square root of the number of a band's pixels."""
    return np.sqrt(level.fourier.height * level.fourier.width)


@pytest.mark.parametrize(
    "shape", [*((n, n) for n in (1, 2, 7, 16, 31, 61, 64, 128, 200, 256)), (80, 208), (61, 9)]
)
def test_squared_responses_sum_to_one(shape):
    filters = pyramid(*shape)
    total = filters.low.astype(float)
    for level in filters.levels:
        rows, columns = level.responses.shape[1:]
        target = np.arange(rows)
        target[rows // 2 + 1 :] += shape[1] - rows
        total[target, :columns] += (level.responses.astype(float) ** 2).sum(0)
    assert total[:, : shape[0] // 2 + 1] == pytest.approx(1, abs=1e-6)


def test_as_many_scales_as_published():
    assert [len(level.responses) for level in pyramid(128, 128).levels] == [1, 4, 4, 4]
    assert [level.fourier.width for level in pyramid(256, 256).levels] == [256, 256, 128, 64, 32]
    assert [level.fourier.height for level in pyramid(80, 256).levels] == [80, 80, 40, 20, 10]


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 1000))
def test_bands_make_the_picture_again(height, width, seed):
    _, _, spectrum = transform(noise(height, seed, width))
    filters = pyramid(height, width)
    again = spectrum * filters.low
    for level, pictures in zip(filters.levels, bands(filters, spectrum), strict=True):
        rows, n = level.fourier.height, level.fourier.width
        factor = np.float32(root(filters.levels[0]) / root(level))
        for response, band in zip(level.responses, pictures, strict=True):
            level.picture[:, :n] = band
            forward(level.picture, level.spectrum, *level.fourier.tables)
            add_band(level.spectrum, response, rows, level.odd, factor, again)
    kept = slice(0, height // 2 + 1)
    assert again[..., kept] == pytest.approx(spectrum[..., kept], abs=1e-5 * max(height, width) ** 2)


@pytest.mark.parametrize("shape", [(64, 64), (61, 61), (24, 90)])
def test_bands_hold_the_energy_of_the_picture(shape):
    height, width = shape
    picture = noise(height, 0, width)
    filters = pyramid(height, width)
    tables, laid, spectrum = transform(picture)
    low = spectrum * np.sqrt(filters.low)
    backward(low, laid, *tables.tables)
    energy = np.sum((laid[:, :width] / picture.size) ** 2)
    energy += sum(np.sum(b**2) for b in bands(filters, spectrum))
    assert energy == pytest.approx(np.sum(picture**2), rel=1e-5)


@pytest.mark.parametrize("k", range(4))
@pytest.mark.parametrize("height", [128, 64])
def test_a_band_answers_waves_of_its_orientation(k, height):
    """To a wave at angle θ band k answers with cos⁶(θ − kπ/4) of the energy, the wave across it with none."""
    size = 128
    filters = pyramid(height, size)
    y, x = np.mgrid[:height, :size]
    for other in range(4):
        fx, fy = 2 * np.rint(10 * np.array([np.cos(other * np.pi / 4), np.sin(other * np.pi / 4)]))
        _, _, spectrum = transform(np.cos(2 * np.pi * (fx * x + fy * y) / size))
        energy = sum(np.square(level).sum((1, 2)) for level in bands(filters, spectrum)[1:])
        expected = 0.8 * np.cos((other - k) * np.pi / 4) ** 6
        assert energy[k] / energy.sum() == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("frequency", [5, 12, 24, 48])
def test_a_scale_answers_waves_of_its_octave(frequency):
    size = 128
    _, _, spectrum = transform(np.tile(np.cos(2 * np.pi * frequency * np.arange(size) / size), (size, 1)))
    energy = [np.square(level).sum() for level in bands(pyramid(size, size), spectrum)[1:]]
    # Scale 0 peaks at half the highest frequency, 32, each next one an octave lower.
    assert np.argmax(energy) == min(max(round(np.log2(32 / frequency)), 0), 2)


def test_laws_that_the_bands_obey_change_nothing():
    size = 64
    filters = pyramid(size, size)
    _, _, spectrum = transform(noise(size))
    found = [band for level in bands(filters, spectrum) for band in level]
    laws = np.stack([histogram(band.ravel().astype(float), 256) for band in found])
    total = np.zeros_like(spectrum)
    match_bands(filters, laws, spectrum, total)
    kept = slice(0, size // 2 + 1)
    change = np.abs(total - spectrum)[..., kept].max()
    assert change < 0.01 * np.abs(spectrum)[..., 1 : kept.stop].max()


def test_repeated_matching_approaches_the_laws():
    """Bands overlap, so that one pass leaves them off their laws; passes converge (Heeger & Bergen, 1995)."""
    size = 64
    filters = pyramid(size, size)
    _, _, spectrum = transform(256 * noise(size))
    count = sum(len(level.responses) for level in filters.levels)
    laws = np.stack([generalised_gaussian(0.25, 0.6, 200.0)] * count)
    other = np.zeros_like(spectrum)
    distances = []
    for turn in range(10):
        match_bands(filters, laws, spectrum, other)
        spectrum, other = other, spectrum
        if turn in (0, 9):
            found = [band for level in bands(filters, spectrum) for band in level]
            distances.append([distance(band, law) for band, law in zip(found, laws, strict=True)])
    first, last = np.mean(distances, 1)
    assert last < 0.05
    assert last < first / 2
