"""Measures of a picture beside its Total Variation: how complex it is, and how its spectrum falls.

Both take milliseconds, longer than most families take to draw: a dataset carries them only if asked to.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from patterngen.metrics import check_pictures

Measure = Literal["zlib_bpp", "slope"]
"""Names of the measures, which are those of their columns."""

_LEVEL = 6
"""Effort of zlib: its own default, and that of most writers of PNG."""
_LOWEST_CYCLES = 4.0
"""Waves across a picture's shorter side, from which on its spectrum is fitted; fewer are the window's."""
_RINGS_PER_OCTAVE = 3
_LUMA = np.array([0.299, 0.587, 0.114]) / 255.0


def zlib_bpp(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Measure complexity: bytes per pixel of each picture, packed without loss as PNG packs it.

    Each row is filtered by that one of PNG's five filters whose bytes, as signed numbers, have the least sum
    of magnitudes, as its specification advises; zlib at level 6 packs them. A flat picture has nearly 0,
    white noise 3. Another build of zlib may pack a picture into a few bytes more or less.

    Source: Portable Network Graphics Specification (W3C, third edition), 9 and 12.7.

    Args:
        pixels: uint8 [N, H, W, 3].

    Returns:
        float64 [N].

    Raises:
        PatternGenError: the array has another shape or type.

    Examples:
        >>> from patterngen import family, zlib_bpp
        >>> lines, noise = (family(name).draw(range(4), 64).pixels for name in ("visual-atom", "perlin"))
        >>> bool(zlib_bpp(lines).mean() < zlib_bpp(noise).mean())
        True
    """
    check_pictures("zlib_bpp", pixels)
    area = pixels.shape[1] * pixels.shape[2]
    return np.array([len(zlib.compress(_filtered(picture), _LEVEL)) / area for picture in pixels])


def spectral_slope(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Measure how the spectrum falls: exponent a of each picture's power spectrum, taken as fᵃ.

    A line is fitted by least squares to the logarithm of the luma's mean power, under a Hann window, in rings
    a third of an octave wide, from 4 waves across the shorter side to half a wave per pixel. White noise has
    0, natural images −2, a smooth picture −4 and less; a flat one has 0, and one too small for two rings.

    Source: Field, "Relations between the statistics of natural images and the response properties of cortical
    cells", 1987.

    Args:
        pixels: uint8 [N, H, W, 3].

    Returns:
        float64 [N].

    Raises:
        PatternGenError: the array has another shape or type.

    Examples:
        >>> import numpy as np
        >>> from patterngen import spectral_slope
        >>> noise = np.random.default_rng(0).integers(0, 256, (1, 128, 128, 1), np.uint8).repeat(3, axis=3)
        >>> bool(abs(spectral_slope(noise)[0]) < 0.2)
        True
    """
    check_pictures("spectral_slope", pixels)
    height, width = pixels.shape[1:3]
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    lowest = _LOWEST_CYCLES / min(height, width)
    ring = np.full(frequency.shape, -1)
    inside = (frequency >= lowest) & (frequency <= 0.5)
    ring[inside] = np.log2(frequency[inside] / lowest) * _RINGS_PER_OCTAVE
    rings, place = np.unique(ring[inside], return_inverse=True)
    slopes = np.zeros(len(pixels))
    if len(rings) < 2:
        return slopes
    count = np.bincount(place)
    x = np.bincount(place, np.log(frequency[inside])) / count
    x -= x.mean()
    window = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1])
    for n, picture in enumerate(pixels):
        luma = picture @ _LUMA
        # What the window weighs has no mean: else the ground itself would be a low wave.
        luma -= (luma * window).sum() / window.sum()
        power = np.bincount(place, np.abs(np.fft.rfft2(luma * window))[inside] ** 2) / count
        # Below what rounding to 8 bits leaves there is nothing to measure.
        if power.min() > 1e-12:
            slopes[n] = (x @ np.log(power)) / (x @ x)
    return slopes


MEASURES: dict[Measure, Callable[[NDArray[np.uint8]], NDArray[np.float64]]] = {
    "zlib_bpp": zlib_bpp,
    "slope": spectral_slope,
}
"""Every measure by the name of its column: uint8 [N, H, W, 3] to float64 [N]."""
assert tuple(MEASURES) == get_args(Measure)


def measure(pictures: Sequence[NDArray[np.uint8]], names: Iterable[Measure]) -> list[dict[str, float]]:
    """Take measures, by their names, of pictures [H, W, 3] of one size: of each, those values by name."""
    found = {name: MEASURES[name](np.stack(pictures)) for name in names}
    return [{name: float(values[n]) for name, values in found.items()} for n in range(len(pictures))]


def _filtered(picture: NDArray[np.uint8]) -> bytes:
    """Return the rows of a picture as PNG holds them: the number of a filter, and the bytes that it gives."""
    height, width, channels = picture.shape
    row = picture.reshape(height, width * channels).astype(np.int16)
    left, above, corner = np.zeros((3, *row.shape), np.int16)
    left[:, channels:] = row[:, :-channels]
    above[1:] = row[:-1]
    corner[1:, channels:] = row[:-1, :-channels]
    to_left, to_above = np.abs(above - corner), np.abs(left - corner)
    to_corner = np.abs(left + above - 2 * corner)
    paeth = np.where(
        (to_left <= to_above) & (to_left <= to_corner), left, np.where(to_above <= to_corner, above, corner)
    )
    predictions = (np.zeros_like(row), left, above, (left + above) >> 1, paeth)
    candidates = np.stack([(row - prediction).astype(np.uint8) for prediction in predictions])
    cost = np.abs(candidates.view(np.int8).astype(np.int16)).sum(axis=2)
    chosen = cost.argmin(axis=0)
    lines = np.empty((height, 1 + width * channels), np.uint8)
    lines[:, 0], lines[:, 1:] = chosen, candidates[chosen, np.arange(height)]
    return lines.tobytes()
