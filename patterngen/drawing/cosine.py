"""The cosine transform of pictures, by which `smooth` filters them.

The cosine transform (DCT-II) is the Fourier transform of a picture continued beyond its edges as in a
mirror. A filter applied to it meets no jump from one edge to the opposite one.

How: with its even rows and columns first and its odd ones backwards behind them, a picture's Fourier
transform of the same size holds the cosine transform, up to twiddle factors (Makhoul, "A fast cosine
transform in one and two dimensions", IEEE TASSP 28, 1980).
"""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.fourier import backward, blank, forward, fourier
from patterngen.kernels.jit import kernel
from patterngen.numba_math import cos_sin

Channels = NDArray[np.float32]
"""Channels of a picture, float32 [3, height, width], or their coefficients, [3, width, height]."""


class CosineTransform:
    """The orthonormal DCT-II of pictures of one shape, and back, in memory that each call overwrites."""

    def __init__(self, height: int, width: int) -> None:
        self._width = width
        self._fourier = fourier(height, width)
        self._twiddles = _twiddles(width), _twiddles(height)
        # The Fourier transform wants zeros behind a picture's last column, and its inverse leaves none there.
        self._folded, self._unfolded = blank(self._fourier.picture), blank(self._fourier.picture)
        self._spectrum = blank(self._fourier.spectrum)
        self._coefficients = np.empty((3, width, height), np.float32)
        self._channels = np.empty((3, height, width), np.float32)

    def forward(self, picture: NDArray[np.uint8]) -> Channels:
        """Transform each channel of a picture, uint8 [height, width, 3].

        Returns:
            Coefficients [3, kx, ky], of frequencies kx/2 width and ky/2 height cycles a pixel. That at
            [c, 0, 0] is √P times the mean of the channel's P pixels; the sum of the squares of all others is
            P times its variance.
        """
        for channel in range(3):
            _fold(picture, channel, self._folded)
            forward(self._folded, self._spectrum, *self._fourier.tables)
            _to_cosines(self._spectrum, *self._twiddles, self._coefficients[channel])
        return self._coefficients

    def inverse(self, coefficients: Channels) -> Channels:
        """Return the channels [3, y, x] that have these coefficients; `place` tells where a pixel is."""
        for channel in range(3):
            _from_cosines(coefficients[channel], *self._twiddles, self._spectrum)
            backward(self._spectrum, self._unfolded, *self._fourier.tables)
            self._channels[channel] = self._unfolded[:, : self._width]
        return self._channels


@kernel
def place(i: int, size: int) -> int:
    """Return where row or column i stands among x₀ x₂ x₄ … x₅ x₃ x₁."""
    return size - 1 - i // 2 if i % 2 else i // 2


@kernel
def _twiddles(size: int) -> NDArray[np.float32]:
    """Return cos and sin of −πk/2N, [N, 2]."""
    out = np.empty((size, 2), np.float32)
    for k in range(size):
        c, s = cos_sin(k / (4.0 * size))
        out[k, 0] = c
        out[k, 1] = -s
    return out


@kernel
def _fold(picture: NDArray[np.uint8], channel: int, out: NDArray[np.float32]) -> None:
    height, width = picture.shape[:2]
    half = (width + 1) // 2
    for row in range(height):
        line = picture[row, :, channel]
        target = out[place(row, height)]
        for i in range(half):
            target[i] = line[2 * i]
        for i in range(width - half):
            target[width - 1 - i] = line[2 * i + 1]


@kernel
def _to_cosines(
    spectrum: NDArray[np.float32],
    across: NDArray[np.float32],
    down: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Take cosine coefficients [kx, ky] from the Fourier transform [2, kx, ky ≤ M/2] of what is folded.

    `across` are the twiddles of kx, `down` those of ky.
    """
    width, height = out.shape
    for kx in range(width):
        mirrored = (width - kx) % width
        cx, sx = across[kx]
        scale = np.float32((1.0 if kx else math.sqrt(0.5)) / math.sqrt(width * height))
        for ky in range(height // 2 + 1):
            cy, sy = down[ky]
            # The product of the two twiddles, and of one with the other's conjugate.
            pr, pi = cx * cy - sx * sy, cx * sy + sx * cy
            qr, qi = cx * cy + sx * sy, sx * cy - cx * sy
            vr, vi = spectrum[0, kx, ky], spectrum[1, kx, ky]
            ur, ui = spectrum[0, mirrored, ky], -spectrum[1, mirrored, ky]
            norm = scale if ky else scale * np.float32(math.sqrt(0.5))
            out[kx, ky] = norm * ((pr * vr - pi * vi) + (qr * ur - qi * ui))
            if 0 < ky < height - ky:
                out[kx, height - ky] = norm * ((qr * ui + qi * ur) - (pr * vi + pi * vr))


@kernel
def _from_cosines(
    coefficients: NDArray[np.float32],
    across: NDArray[np.float32],
    down: NDArray[np.float32],
    spectrum: NDArray[np.float32],
) -> None:
    """Undo `_to_cosines`, and the factor of the inverse Fourier transform, the number of pixels."""
    width, height = coefficients.shape
    for kx in range(width):
        cx, sx = across[kx]
        mirrored = (width - kx) % width
        there = np.float32(1.0 if kx else 0.0)
        scale = np.float32((0.5 if kx else math.sqrt(0.5)) / math.sqrt(width * height))
        for ky in range(height // 2 + 1):
            cy, sy = down[ky]
            pr, pi = cx * cy - sx * sy, -(cx * sy + sx * cy)
            norm = scale if ky else scale * np.float32(math.sqrt(2.0))
            real, imaginary = coefficients[kx, ky], -(there * coefficients[mirrored, ky])
            if ky:
                real -= there * coefficients[mirrored, height - ky]
                imaginary -= coefficients[kx, height - ky]
            spectrum[0, kx, ky] = norm * (pr * real - pi * imaginary)
            spectrum[1, kx, ky] = norm * (pr * imaginary + pi * real)
