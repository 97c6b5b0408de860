"""The steerable pyramid: a picture as bands of four orientations at scales an octave apart.

A tight frame: the squared responses of all filters sum to 1 at every frequency, so that the same filters
put the bands together again, exactly. Source: Simoncelli & Freeman, "The steerable pyramid: a flexible
architecture for multi-scale derivative computation", ICIP 1995, and Portilla & Simoncelli, "A parametric
texture model based on joint statistics of complex wavelet coefficients", IJCV 40 (2000), for the filters:
radially half periods of a cosine in log₂ f, and a third power of the cosine of the angle.

Each scale has half the width of the one above. Spectra and pictures are laid out as in `fourier`. Bands are
normalised so that their squares sum to those of the picture.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.fourier import Fourier, backward, blank, columns, forward, fourier
from patterngen.drawing.marginals import match
from patterngen.drawing.stockham import Axis, Flat
from patterngen.kernels.jit import kernel
from patterngen.numba_math import cos_sin, log

ORIENTATIONS = 4


@dataclass(frozen=True)
class Level:
    """The bands of one size, and room to work on one of them. Not to be shared between threads."""

    responses: NDArray[np.float32]
    """Responses of filters, float32 [bands, n, F]: real ones, or odd ones without their factor i."""
    odd: bool
    ratio: int
    """How many times smaller than the picture the bands are, 1 for the residual."""
    fourier: Fourier
    spectrum: NDArray[np.float32]
    picture: NDArray[np.float32]


@dataclass(frozen=True)
class Pyramid:
    """The filters of pictures of one shape."""

    levels: tuple[Level, ...]
    """The high-pass residual, one band; then each scale, four bands, the finest first."""
    low: NDArray[np.float32]
    """Squared response of the low-pass residual, float32 [N, F]."""


def pyramid(height: int, width: int) -> Pyramid:
    """Build the filters for pictures of a shape: 3 scales at 128 pixels, 4 at 256; small ones have one.

    The longer side says how many.
    """
    scales = max(max(height, width).bit_length() - 5, 1)
    ratios = [1, *(2**scale for scale in range(scales))]
    shapes = [(-(-height // ratio), -(-width // ratio)) for ratio in ratios]
    responses = [_residual(height, width)]
    responses += [_oriented(height, width, scale, *shapes[1 + scale]) for scale in range(scales)]
    levels = []
    for shape, response, ratio in zip(shapes, responses, ratios, strict=True):
        grid = fourier(*shape)
        levels.append(
            Level(response, len(response) > 1, ratio, grid, blank(grid.spectrum), blank(grid.picture))
        )
    return Pyramid(tuple(levels), _low(height, width, scales))


@kernel
def low_pass(radius: float) -> float:
    """Return the response at a frequency, 1 for that of a wave of two pixels: 1 up to ½, 0 from 1 on."""
    if radius <= 0.5:
        return 1.0
    if radius >= 1.0:
        return 0.0
    return cos_sin(0.25 * (1.0 + log(radius) / math.log(2.0)))[0]


@kernel
def _high_pass(radius: float) -> float:
    response = low_pass(radius)
    return math.sqrt(1.0 - response * response)


@kernel
def _frequency(row: int, fy: int, height: int, width: int, across: int) -> tuple[float, float]:
    """Return the frequency at a row and column of a spectrum `across` rows high, in waves a longer side."""
    size = max(height, width)
    fx = row if row <= across // 2 else row - across
    return fx * (size / width), fy * (size / height)


@kernel
def _residual(height: int, width: int) -> NDArray[np.float32]:
    response = np.zeros((1, width, columns(height)), np.float32)
    for row in range(width):
        for fy in range(height // 2 + 1):
            x, y = _frequency(row, fy, height, width, width)
            response[0, row, fy] = _high_pass(2.0 / max(height, width) * math.sqrt(x * x + y * y))
    return response


@kernel
def _low(height: int, width: int, scales: int) -> NDArray[np.float32]:
    response = np.zeros((width, columns(height)), np.float32)
    for row in range(width):
        for fy in range(height // 2 + 1):
            x, y = _frequency(row, fy, height, width, width)
            radius = 2.0 / max(height, width) * math.sqrt(x * x + y * y)
            response[row, fy] = low_pass(2.0**scales * radius) ** 2
    return response


@kernel
def _oriented(height: int, width: int, scale: int, rows: int, across: int) -> NDArray[np.float32]:
    """Return the four responses of one scale, float32 [4, n, F], for bands of rows × n = `across` pixels."""
    response = np.zeros((ORIENTATIONS, across, columns(rows)), np.float32)
    for row in range(across):
        for column in range(rows // 2 + 1):
            fx, fy = _frequency(row, column, height, width, across)
            length = math.sqrt(fx * fx + fy * fy)
            radius = length * 2.0 / max(height, width) * 2.0**scale
            if length > 0.0:
                radial = low_pass(radius) * _high_pass(2.0 * radius)
                for k in range(ORIENTATIONS):
                    c, s = cos_sin(k / (2.0 * ORIENTATIONS))
                    # The squares of cos³ at four orientations sum to 5/4 at any angle.
                    response[k, row, column] = radial * math.sqrt(0.8) * ((c * fx + s * fy) / length) ** 3
    return response


@kernel
def take_band(
    spectrum: NDArray[np.float32],
    response: NDArray[np.float32],
    height: int,
    odd: bool,
    factor: np.float32,
    band: NDArray[np.float32],
) -> None:
    """Overwrite the spectrum of a band of a height with that of a picture times the response and a factor."""
    size, small = spectrum.shape[1], band.shape[1]
    for row in range(small):
        source = row if row <= small // 2 else size - small + row
        for fy in range(height // 2 + 1):
            gain = factor * response[row, fy]
            real, imaginary = spectrum[0, source, fy], spectrum[1, source, fy]
            band[0, row, fy] = -gain * imaginary if odd else gain * real
            band[1, row, fy] = gain * real if odd else gain * imaginary


@kernel
def add_band(
    band: NDArray[np.float32],
    response: NDArray[np.float32],
    height: int,
    odd: bool,
    factor: np.float32,
    total: NDArray[np.float32],
) -> None:
    """Add the spectrum of a band of a height, times the response's conjugate and a factor, to a picture's."""
    size, small = total.shape[1], band.shape[1]
    for row in range(small):
        target = row if row <= small // 2 else size - small + row
        for fy in range(height // 2 + 1):
            gain = factor * response[row, fy]
            real, imaginary = band[0, row, fy], band[1, row, fy]
            total[0, target, fy] += gain * imaginary if odd else gain * real
            total[1, target, fy] -= gain * real if odd else -gain * imaginary


@kernel
def _match_level(
    spectrum: NDArray[np.float32],
    total: NDArray[np.float32],
    responses: NDArray[np.float32],
    odd: bool,
    laws: NDArray[np.float64],
    band: NDArray[np.float32],
    picture: NDArray[np.float32],
    across: float,
    along_y: Axis,
    along_x: Axis,
    work: Flat,
) -> None:
    """Match the bands of one level to their laws and add what they make to a picture's spectrum.

    `across` is the root of the number of the picture's pixels.
    """
    height, width = len(picture), band.shape[1]
    small = math.sqrt(height * width)
    for k in range(len(responses)):
        take_band(spectrum, responses[k], height, odd, np.float32(1.0 / (across * small)), band)
        backward(band, picture, along_y, along_x, work)
        match(picture, width, laws[k])
        forward(picture, band, along_y, along_x, work)
        add_band(band, responses[k], height, odd, np.float32(across / small), total)


def match_bands(
    pyramid: Pyramid, laws: NDArray[np.float64], spectrum: NDArray[np.float32], total: NDArray[np.float32]
) -> None:
    """Give each band of a picture the distribution of its law; the low-pass residual stays.

    Args:
        pyramid: the filters.
        laws: float64 [bands, 2, K], a law per band, in the order of the pyramid's levels.
        spectrum: the picture's.
        total: overwritten with the spectrum of the picture that the new bands make.
    """
    np.multiply(spectrum, pyramid.low, out=total)
    whole = pyramid.levels[0].fourier
    across = math.sqrt(whole.height * whole.width)
    first = 0
    for level in pyramid.levels:
        last = first + len(level.responses)
        room = level.spectrum, level.picture, across, *level.fourier.tables
        _match_level(spectrum, total, level.responses, level.odd, laws[first:last], *room)
        first = last
