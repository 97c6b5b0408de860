"""`moire`: two gratings that differ a little, laid over one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.palette import draw_palette, paint
from patterngen.families import Family, Param, Pictures, Range, blank, register
from patterngen.kernels.jit import kernel
from patterngen.numba_math import cos_sin
from patterngen.rng import log_uniform, stream, uniform


@kernel
def _draw(
    seeds: NDArray[np.uint64],
    counts: tuple[float, float],
    turn: float,
    pixels: NDArray[np.uint8],
    drawn: NDArray[np.float64],
) -> None:
    height, width = pixels.shape[1:3]
    side = max(height, width)
    field = np.empty((height, width), np.float32)
    for n in range(len(seeds)):
        s = stream(seeds[n])
        lines = log_uniform(s, counts[0], counts[1])
        ratio = uniform(s, 0.9, 1.1)
        first = uniform(s, 0.0, 1.0)
        second = first + uniform(s, -turn, turn)
        ax, ay = cos_sin(first)
        bx, by = cos_sin(second)
        for row in range(height):
            for column in range(width):
                a = cos_sin(lines / side * (ax * column + ay * row))[0]
                b = cos_sin(ratio * lines / side * (bx * column + by * row))[0]
                field[row, column] = a + b
        drawn[n, 0], drawn[n, 1], drawn[n, 2] = lines, ratio, second - first
        paint(field, draw_palette(s, 2), pixels[n])


@register
@dataclass(frozen=True, kw_only=True)
class Moire(Family):
    """Two fine gratings that beat: bands much wider than the lines that make them."""

    name: ClassVar[str] = "moire"
    version: ClassVar[int] = 1
    source: ClassVar[str] = "Rayleigh, On the manufacture and theory of diffraction-gratings, 1874"

    lines_low: Annotated[float, Range(1, 1000)] = 10.0
    """Fewest lines across the picture; drawn log-uniformly for each picture."""
    lines_high: Annotated[float, Range(1, 1000)] = 40.0
    """Most lines across the picture."""
    turn: Annotated[float, Range(0, 0.5)] = 0.03
    """Largest angle between the two gratings, in turns."""

    def draw_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Pictures:
        """Draw one picture per seed; its params: ``lines``, and the other's ``ratio`` and ``angle``."""
        streams, pixels = blank(seeds, height, width)
        drawn = np.empty((len(seeds), 3))
        _draw(streams, (float(self.lines_low), float(self.lines_high)), float(self.turn), pixels, drawn)
        params: list[dict[str, Param]] = [
            dict(zip(("lines", "ratio", "angle"), row, strict=True)) for row in drawn.tolist()
        ]
        return Pictures(pixels, params, np.zeros(len(seeds), np.int64))
