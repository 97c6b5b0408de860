"""`simplex`: gradient noise on a lattice of equilateral triangles.

Perlin, "Noise hardware", SIGGRAPH course notes (2001); the derivation followed here is that of Gustavson,
"Simplex noise demystified" (2005). Each lattice point adds its plane, faded by (½ − d²)⁴ over the distance d
in units where a triangle's side is √⅔; beyond √½, the height of a triangle, it adds nothing. So a point
feels three gradients instead of four, all derivatives up to the third are continuous, and the noise favours
the axes of the picture less than noise on squares does.
"""

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.gradient_noise import HALF_WORD, PERIOD, lattice, pack, plane
from patterngen.families import register
from patterngen.families.model.painted import Field, Numbers, PaintedField, Pixels, Seeds
from patterngen.families.model.painter import painter
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import State, log_uniform, uniform

SKEW = (math.sqrt(3.0) - 1.0) / 2.0
"""(x, y) + SKEW · (x + y) makes squares of the triangles' pairs."""
UNSKEW = (3.0 - math.sqrt(3.0)) / 6.0
"""(i, j) − UNSKEW · (i + j) is the way back."""
SIDE = math.sqrt(2.0 / 3.0)
"""A triangle's side."""
PEAK = 81.0 * math.sqrt(6.0) / 2.0
"""Makes 1 of the largest sum: two gradients of length 1 that point at the middle of the side between them."""


@kernel
def _term(word: np.uint32, x: np.float32, y: np.float32) -> np.float32:
    """Return what a lattice point adds at (x, y) from it, times HALF_WORD."""
    weight = np.float32(0.5) - x * x - y * y
    weight = weight if weight > np.float32(0.0) else np.float32(0.0)
    weight *= weight
    return weight * weight * plane(word, x, y)


@kernel
def fill_simplex(
    field: NDArray[np.float32], step: float, x0: float, y0: float, packed: NDArray[np.uint32]
) -> None:
    """Fill a field [H, W] with the noise at (x0 + step · column, y0 + step · row), in [−1, 1].

    The noise repeats after 256 sides of a triangle. As with `add_moved_noise`, only the middle one of the
    three sweeps over a row cannot fill the processor's vector lanes.

    Args:
        field: overwritten.
        step: distance of two pixels; a triangle's side is √⅔.
        x0: of the left column.
        y0: of the top row.
        packed: see `pack`.
    """
    height, width = field.shape
    scale = np.float32(PEAK / HALF_WORD)
    wrap = np.uint32(PERIOD - 1)
    period = np.uint32(PERIOD)
    whole = np.float32(1.0)
    back = np.float32(UNSKEW)
    xs, ys, sides = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    near, middle, far = np.empty(width, np.uint32), np.empty(width, np.uint32), np.empty(width, np.uint32)
    for row in range(height):
        y = y0 + step * row
        for n in range(width):
            x = x0 + step * n
            skew = SKEW * (x + y)
            column = np.floor(x + skew)
            line = np.floor(y + skew)
            unskew = UNSKEW * (column + line)
            xs[n] = x - (column - unskew)
            ys[n] = y - (line - unskew)
            # The square of two triangles is entered along x first if the point lies in its lower triangle.
            side = np.uint32(xs[n] > ys[n])
            sides[n] = side
            i = np.uint32(np.int32(column))
            j = np.uint32(np.int32(line))
            near[n] = (i & wrap) * period + (j & wrap)
            middle[n] = ((i + side) & wrap) * period + ((j + np.uint32(1) - side) & wrap)
            far[n] = ((i + np.uint32(1)) & wrap) * period + ((j + np.uint32(1)) & wrap)
        for n in range(width):
            near[n] = packed[near[n]]
            middle[n] = packed[middle[n]]
            far[n] = packed[far[n]]
        out = field[row]
        for n in range(width):
            u, v, side_x = xs[n], ys[n], sides[n]
            value = _term(near[n], u, v)
            value += _term(middle[n], u - side_x + back, v - (whole - side_x) + back)
            value += _term(far[n], u - whole + back + back, v - whole + back + back)
            out[n] = scale * value


@painter
@kernel
def _draw(s: State, field: Field, drawn: Numbers, frequencies: tuple[float, float]) -> None:
    height, width = field.shape
    side = max(height, width)
    permutation, gradients = lattice(s)
    drawn[0] = log_uniform(s, frequencies[0], frequencies[1])
    step = SIDE * drawn[0] / side
    x0 = uniform(s, 0.0, PERIOD) + step * ((side - width) // 2)
    y0 = uniform(s, 0.0, PERIOD) + step * ((side - height) // 2)
    fill_simplex(field, step, x0, y0, pack(permutation, gradients))


@register
@dataclass(frozen=True, kw_only=True)
class Simplex(PaintedField):
    """Soft blobs of one size that favour no direction, in a smooth palette of a few colours."""

    name: ClassVar[str] = "simplex"
    version: ClassVar[int] = 1
    source: ClassVar[str] = "Perlin, Noise hardware, SIGGRAPH courses 2001; Gustavson, 2005"
    numbers: ClassVar[tuple[str, ...]] = ("frequency",)

    frequency_low: Annotated[float, Range(0.1, 1024)] = 2.0
    """Fewest sides of a triangle across the picture; drawn log-uniformly for each picture."""
    frequency_high: Annotated[float, Range(0.1, 1024)] = 32.0
    """Most sides of a triangle across the picture."""
    colours: Annotated[int, Range(1, 16)] = 3
    """Random colours the palette runs through; 1 is black to white."""

    def fill(self, seeds: Seeds, fields: Field, pixels: Pixels) -> Numbers:
        """Fill fields with noise in [−1, 1]; ``frequency`` is in sides of a triangle across the picture."""
        drawn = np.empty((len(seeds), 1))
        frequencies = (float(self.frequency_low), float(self.frequency_high))
        _draw(seeds, self.colours, fields, pixels, drawn, frequencies)
        return drawn
