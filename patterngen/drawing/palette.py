"""Colours for a field of numbers: a random palette, and the field looked up in it."""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel
from patterngen.rng import State, below

SHADES = 1024
"""Entries of a palette: four for each byte, so that steps between them stay below what a byte shows."""
TILE = 1024
"""Pixels painted at a time: their shades stay in the fastest cache."""


@kernel
def draw_palette(s: State, colours: int) -> NDArray[np.uint8]:
    """Draw a smooth palette, uint8 [1024, 3], through random colours at equal distances.

    One colour means no colour: the palette runs from black to white. Between two colours runs the curve
    3t² − 2t³, so that the palette has no corners.
    """
    stops = np.empty((max(colours, 2), 3))
    for i in range(len(stops)):
        for channel in range(3):
            stops[i, channel] = below(s, 256) if colours > 1 else 255.0 * i
    palette = np.empty((SHADES, 3), np.uint8)
    for i in range(SHADES):
        place = i * (len(stops) - 1) / (SHADES - 1)
        k = min(int(place), len(stops) - 2)
        t = place - k
        blend = t * t * (3.0 - 2.0 * t) if colours > 1 else t
        for channel in range(3):
            near, far = stops[k, channel], stops[k + 1, channel]
            palette[i, channel] = int(near + blend * (far - near) + 0.5)
    return palette


@kernel
def extent(field: NDArray[np.float32]) -> tuple[np.float32, np.float32]:
    """Return the lowest and the highest value of a contiguous array without NaN.

    A float32 of 0 and more lies among its like as its bits, read as an integer, do; for a negative one,
    turning over all bits but the sign makes it so. Of integers the compiler compares many at a time, of
    floats it may not.
    """
    low = np.int32(0x7FFFFFFF)
    high = np.int32(-0x80000000)
    patterns = field.reshape(-1).view(np.int32)
    for i in range(len(patterns)):
        pattern = patterns[i]
        place = np.int32(pattern ^ ((pattern >> np.int32(31)) & np.int32(0x7FFFFFFF)))
        low = min(low, place)
        high = max(high, place)
    ends = np.array([low, high], np.int32)
    for i in range(2):
        ends[i] ^= (ends[i] >> np.int32(31)) & np.int32(0x7FFFFFFF)
    values = ends.view(np.float32)
    return values[0], values[1]


@kernel
def packed(palette: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return a palette [K, 3] as K words, the red in the lowest byte."""
    words = np.empty(len(palette), np.uint32)
    for i in range(len(palette)):
        words[i] = palette[i, 0] | (palette[i, 1] << 8) | (palette[i, 2] << 16)
    return words


@kernel
def lay(shades: NDArray[np.uint32], colours: NDArray[np.uint32], pixels: NDArray[np.uint8]) -> None:
    """Write the colour of each shade to pixels uint8 [3 · len(shades)].

    Args:
        shades: indices of colours.
        colours: words as `packed` makes them.
        pixels: overwritten.
    """
    # Four pixels fill three words, written whole where they lie in memory as words do.
    whole = len(shades) // 4 if pixels.ctypes.data % 4 == 0 else 0
    words = pixels[: 12 * whole].view(np.uint32)
    for i in range(whole):
        a, b = colours[shades[4 * i]], colours[shades[4 * i + 1]]
        c, d = colours[shades[4 * i + 2]], colours[shades[4 * i + 3]]
        words[3 * i] = a | (b << np.uint32(24))
        words[3 * i + 1] = (b >> np.uint32(8)) | (c << np.uint32(16))
        words[3 * i + 2] = (c >> np.uint32(16)) | (d << np.uint32(8))
    for i in range(4 * whole, len(shades)):
        for channel in range(3):
            pixels[3 * i + channel] = colours[shades[i]] >> np.uint32(8 * channel)


@kernel
def shade(field: NDArray[np.float32], shades: NDArray[np.uint32], low: np.float32, high: np.float32) -> None:
    """Overwrite shades with the places of a field's values between low and high, 0 … 1023, rounded."""
    scale = np.float32(SHADES - 1) / (high - low) if high > low else np.float32(0.0)
    for i in range(len(field)):
        shades[i] = np.int32((field[i] - low) * scale + np.float32(0.5))


@kernel
def paint(field: NDArray[np.float32], palette: NDArray[np.uint8], pixels: NDArray[np.uint8]) -> None:
    """Colour a field [H, W]: its lowest value has the palette's first entry, its highest the last."""
    low, high = extent(field)
    colours = packed(palette)
    flat, out = field.reshape(-1), pixels.reshape(-1)
    shades = np.empty(TILE, np.uint32)
    for start in range(0, len(flat), TILE):
        tile = flat[start : start + TILE]
        shade(tile, shades, low, high)
        lay(shades[: len(tile)], colours, out[3 * start : 3 * (start + len(tile))])


@kernel
def hue_palette(shift: float, saturation: float, value: float) -> NDArray[np.uint8]:
    """Return the circle of hues once around, uint8 [1024, 3], from `shift` (in turns) on.

    Source: Smith, "Color gamut transform pairs", SIGGRAPH 1978 (HSV).
    """
    palette = np.empty((SHADES, 3), np.uint8)
    for i in range(SHADES):
        for channel in range(3):
            # Each channel is a trapezoid over the circle, a third of a turn after the one before.
            turn = shift + i / SHADES - channel / 3.0
            distance = abs(turn - math.floor(turn + 0.5))
            lit = min(max(2.0 - 6.0 * distance, 0.0), 1.0)
            palette[i, channel] = int(255.0 * value * (1.0 - saturation + saturation * lit) + 0.5)
    return palette
