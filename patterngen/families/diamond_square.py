"""`diamond-square`: a random terrain by halving a grid, coloured by height.

Fournier, Fussell & Carpenter, "Computer rendering of stochastic models", CACM 25 (1982).
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.bulk_random import Key, draw_key, signed_at
from patterngen.families import register
from patterngen.families.model.painted import Field, Numbers, PaintedField, Pixels, Seeds
from patterngen.families.model.painter import painter
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import State, uniform

Line = NDArray[np.float32]

# Where a level's random numbers for squares, horizontal and vertical sides begin; numbers kept for a row.
_SQUARES, _ACROSS, _DOWN, _ROW = 0, 1 << 30, 1 << 31, 1 << 16


@kernel
def _blend(
    a: Line, b: Line, c: Line, d: Line, amplitude: np.float32, key: Key, first: int, out: Line
) -> None:
    """Overwrite a line with the mean of four others plus U(−1, 1) · amplitude."""
    for i in range(len(out)):
        mean = np.float32(0.25) * ((a[i] + b[i]) + (c[i] + d[i]))
        out[i] = mean + amplitude * signed_at(key, first + i)


@kernel
def _weave(even: Line, odd: Line, out: Line) -> None:
    """Overwrite a line with the entries of two others in turn."""
    for i in range(len(out) // 2):
        out[2 * i] = even[i]
        out[2 * i + 1] = odd[i]
    if len(out) % 2:
        out[-1] = even[len(out) // 2]


@kernel
def _refine(coarse: NDArray[np.float32], amplitude: np.float32, key: Key, fine: NDArray[np.float32]) -> None:
    """Fill fine [H, W], H < 2R, W < 2C, with a grid [R, C] and the points between its own.

    Each point is the mean of its four neighbours, or of three at the border, plus U(−1, 1) · amplitude.
    """
    n, m = coarse.shape
    third = np.float32(1.0 / 3.0)
    # Middle of the square below and right of a grid point (r, c): [r + 1, c + 1]. Around these lies what a
    # missing neighbour counts as: the mean of the other three.
    middles = np.empty((n + 1, m + 1), np.float32)
    for r in range(n - 1):
        here, below = coarse[r], coarse[r + 1]
        middle = middles[r + 1]
        left, right = here[:-1], here[1:]
        _blend(left, right, below[:-1], below[1:], amplitude, key, _SQUARES + r * _ROW, middle[1:m])
        middle[0] = third * (here[0] + below[0] + middle[1])
        middle[m] = third * (here[m - 1] + below[m - 1] + middle[m - 1])
    for border, inside, line in ((0, 1, coarse[0]), (n, n - 1, coarse[n - 1])):
        for c in range(m - 1):
            middles[border, c + 1] = third * (line[c] + line[c + 1] + middles[inside, c + 1])
    sides = np.empty(m, np.float32)
    for row in range(len(fine)):
        r = row // 2
        here = coarse[r]
        if row % 2:
            middle = middles[r + 1]
            _blend(here, coarse[r + 1], middle[:-1], middle[1:], amplitude, key, _DOWN + r * _ROW, sides)
            _weave(sides, middle[1:], fine[row])
        else:
            above, under = middles[r, 1:m], middles[r + 1, 1:m]
            _blend(here[:-1], here[1:], above, under, amplitude, key, _ACROSS + r * _ROW, sides[:-1])
            _weave(here, sides, fine[row])


@kernel
def raise_terrain(s: State, decay: float, heights: NDArray[np.float32]) -> None:
    """Fill heights float32 [H, W] with a corner of the smallest terrain, 2^k + 1 across, that holds it.

    Each grid point is the mean of its neighbours of the coarser grid plus U(−1, 1) · decay^level: the
    smaller the decay, the smoother.
    """
    height, width = heights.shape
    levels = 0
    while (1 << levels) + 1 < max(height, width):
        levels += 1
    grid = np.empty((2, 2), np.float32)
    for corner in range(4):
        grid[corner // 2, corner % 2] = uniform(s, -1.0, 1.0)
    if levels == 0:
        for row in range(height):
            for column in range(width):
                heights[row, column] = grid[row, column]
    amplitude = 1.0
    for level in range(1, levels + 1):
        # Of a coarser grid only what the picture rests on is drawn: half as many points, and one to lean on.
        rows, columns = height, width
        for _ in range(level, levels):
            rows, columns = (rows + 1) // 2 + 1, (columns + 1) // 2 + 1
        rows, columns = min(rows, (1 << level) + 1), min(columns, (1 << level) + 1)
        fine = heights if level == levels else np.empty((rows, columns), np.float32)
        _refine(grid, np.float32(amplitude), draw_key(s), fine)
        grid = fine
        amplitude *= decay


@painter
@kernel
def _draw(s: State, field: Field, drawn: Numbers, decays: tuple[float, float]) -> None:
    drawn[0] = uniform(s, decays[0], decays[1])
    raise_terrain(s, drawn[0], field)


@register
@dataclass(frozen=True, kw_only=True)
class DiamondSquare(PaintedField):
    """Cloudy terrain from smooth to rough, with the faint creases of its grid."""

    name: ClassVar[str] = "diamond-square"
    version: ClassVar[int] = 1
    source: ClassVar[str] = (
        "Fournier, Fussell & Carpenter, Computer Rendering of Stochastic Models, CACM 25, 1982"
    )
    numbers: ClassVar[tuple[str, ...]] = ("decay",)

    decay_low: Annotated[float, Range(0, 1)] = 0.4
    """Least height of a grid's points relative to those of the coarser one: smooth; drawn per picture."""
    decay_high: Annotated[float, Range(0, 1)] = 0.8
    """Most height of a grid's points relative to those of the coarser one: rough."""
    colours: Annotated[int, Range(1, 16)] = 3
    """Random colours the palette runs through; 1 is black to white."""

    def fill(self, seeds: Seeds, fields: Field, pixels: Pixels) -> Numbers:
        """Fill fields with heights; ``decay`` is 2^−H of a surface whose roughness is H."""
        drawn = np.empty((len(seeds), 1))
        decays = (float(self.decay_low), float(self.decay_high))
        _draw(seeds, self.colours, fields, pixels, drawn, decays)
        return drawn
