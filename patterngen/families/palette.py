"""Colours for a field of numbers: a random palette, and the field looked up in it."""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels import State, below, kernel

SHADES = 1024
"""Entries of a palette: four for each byte, so that steps between them stay below what a byte shows."""


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
    """Return the lowest and the highest value of a field [H, W].

    Column by column: one running minimum would wait for itself, many fill the vector lanes.
    """
    low = field[0].copy()
    high = field[0].copy()
    for line in field:
        for column in range(len(line)):
            value = line[column]
            low[column] = value if value < low[column] else low[column]
            high[column] = value if value > high[column] else high[column]
    return low.min(), high.max()


@kernel
def paint(field: NDArray[np.float32], palette: NDArray[np.uint8], pixels: NDArray[np.uint8]) -> None:
    """Colour a field [H, W]: its lowest value has the palette's first entry, its highest the last."""
    low, high = extent(field)
    scale = np.float32(SHADES - 1) / (high - low) if high > low else np.float32(0.0)
    shade = np.empty(field.shape[1], np.uint32)
    for row in range(field.shape[0]):
        line = field[row]
        out = pixels[row]
        for column in range(len(line)):  # apart from the look-up, so that it fills the vector lanes
            shade[column] = np.int32((line[column] - low) * scale + np.float32(0.5))
        for column in range(len(line)):
            colour = palette[shade[column]]
            out[column, 0] = colour[0]
            out[column, 1] = colour[1]
            out[column, 2] = colour[2]


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
