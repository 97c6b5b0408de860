"""Making noise obey statistics, one channel at a time, and three channels a picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.colour_model import SHADES
from patterngen.drawing.fourier import Fourier, backward, blank, forward, fourier
from patterngen.drawing.marginals import Law, match
from patterngen.drawing.power_spectrum import impose
from patterngen.drawing.steerable import Pyramid, match_bands
from patterngen.kernels.jit import kernel
from patterngen.rng import State, bits


@dataclass(frozen=True)
class Demands:
    """What a channel must obey; what is None is left free."""

    amplitude: NDArray[np.float32] | None = None
    """Amplitude of its spectrum, float32 [N, F]: see `amplitudes`."""
    bands: NDArray[np.float64] | None = None
    """A law for each band of its steerable pyramid, float64 [bands, 2, K]."""
    values: Law | None = None
    """The law of its values."""


class Channel:
    """Room to make channels of one shape, one after another. Not to be shared between threads.

    Args:
        height: in pixels.
        width: in pixels.
        pyramid: the filters for that shape, if bands are to be forced.
    """

    def __init__(self, height: int, width: int, pyramid: Pyramid | None = None) -> None:
        self.fourier: Fourier = fourier(height, width)
        self.pyramid = pyramid
        self._spectrum, self._other = blank(self.fourier.spectrum), blank(self.fourier.spectrum)

    def force(self, field: NDArray[np.float32], demands: Demands, rounds: int) -> None:
        """Make a picture, float32 [M, W], obey: each round forces spectrum, bands and values in turn."""
        tables = self.fourier.tables
        for turn in range(rounds):
            if turn == 0 or demands.values is not None:
                forward(field, self._spectrum, *tables)
            if demands.amplitude is not None:
                impose(self._spectrum, demands.amplitude, self.fourier.height)
            if demands.bands is not None and self.pyramid is not None:
                match_bands(self.pyramid, demands.bands, self._spectrum, self._other)
                self._spectrum, self._other = self._other, self._spectrum
            if turn == rounds - 1 or demands.values is not None:
                backward(self._spectrum, field, *tables)
                field *= np.float32(1.0 / (self.fourier.height * self.fourier.width))
            if demands.values is not None:
                match(field, self.fourier.width, demands.values)


@kernel
def fill_with_noise(s: State, width: int, field: NDArray[np.float32]) -> None:
    """Draw the first `width` columns of a picture, float32 [M, W], from U[0, 256)."""
    height, padded = field.shape
    unit = np.float32(SHADES / 2.0**24)
    for row in range(height):
        for column in range(0, padded, 2):  # two numbers of 24 bits from one draw
            drawn = bits(s)
            field[row, column] = np.float32(drawn >> np.uint64(40)) * unit
            field[row, column + 1] = np.float32((drawn >> np.uint64(16)) & np.uint64(0xFFFFFF)) * unit
        field[row, width:] = 0.0


@kernel
def to_bytes(
    channels: NDArray[np.float32],
    mean: NDArray[np.float64],
    axes: NDArray[np.float64],
    pixels: NDArray[np.uint8],
) -> None:
    """Turn channels, float32 [3, M, W], into RGB, and stretch them together to bytes, [M, N, 3].

    Args:
        channels: coordinates along the axes; overwritten.
        mean: [3], the colour where all coordinates are 0.
        axes: the axes as columns of [3, 3].
        pixels: overwritten.
    """
    height, width = pixels.shape[:2]
    m, a = mean.astype(np.float32), axes.astype(np.float32)
    low = np.full(width, np.inf, np.float32)
    high = np.full(width, -np.inf, np.float32)
    line = np.empty((3, width), np.float32)
    for row in range(height):
        u, v, w = channels[0, row], channels[1, row], channels[2, row]
        for channel in range(3):  # short loops of one kind: these fill vector registers
            out = line[channel]
            for column in range(width):
                out[column] = (
                    m[channel]
                    + a[channel, 0] * u[column]
                    + a[channel, 1] * v[column]
                    + a[channel, 2] * w[column]
                )
        for channel in range(3):
            target = channels[channel, row]
            for column in range(width):
                value = line[channel, column]
                target[column] = value
                low[column] = value if value < low[column] else low[column]
                high[column] = value if value > high[column] else high[column]
    lowest, highest = low.min(), high.max()
    scale = np.float32(255.0) / (highest - lowest) if highest > lowest else np.float32(0.0)
    shades = np.empty((3, width), np.uint8)
    for row in range(height):
        for channel in range(3):
            source, out = channels[channel, row], shades[channel]
            for column in range(width):
                out[column] = np.uint8(np.int32((source[column] - lowest) * scale + np.float32(0.5)))
        for column in range(width):
            pixels[row, column, 0] = shades[0, column]
            pixels[row, column, 1] = shades[1, column]
            pixels[row, column, 2] = shades[2, column]
