"""`cppn`: random networks of coordinates, smooth by construction.

Stanley, "Compositional pattern producing networks", Genetic Programming and Evolvable Machines, 2007: the
shade of a pixel is what a small network makes of its place. Ours are layered, and their weights are drawn,
not bred. Every function is built of + − × ÷ alone, so that pictures have the same bytes everywhere.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.families import register
from patterngen.families.model.painted import Field, Numbers, PaintedField, Pixels, Seeds
from patterngen.families.model.painter import painter
from patterngen.families.model.pictures import Param
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import State, below, log_uniform, normal, uniform

SINE, BUMP, STEP, FOLD, LINE = range(5)
"""What a unit does with its sum; see `activate`."""
INPUTS = 4
"""Numbers that a network is told of a pixel: x, y, its distance from a point, and 1."""


@kernel
def activate(function: int, values: NDArray[np.float32]) -> None:
    """Replace N sums by what a unit makes of them.

    SINE is sin 2πx within 0.0011, of parabolas; BUMP 1/(1 + x²)², STEP x/(1 + |x|), FOLD |x|, and LINE leaves
    them as they are.
    """
    one, half = np.float32(1.0), np.float32(0.5)
    if function == SINE:
        for i in range(len(values)):
            turn = values[i] - np.floor(values[i] + half)
            arc = np.float32(8.0) * turn - np.float32(16.0) * turn * abs(turn)
            values[i] = arc + np.float32(0.225) * (arc * abs(arc) - arc)
    elif function == BUMP:
        for i in range(len(values)):
            bump = one / (one + values[i] * values[i])
            values[i] = bump * bump
    elif function == STEP:
        for i in range(len(values)):
            values[i] /= one + abs(values[i])
    elif function == FOLD:
        for i in range(len(values)):
            values[i] = abs(values[i])


@kernel
def _layer(
    weights: NDArray[np.float32],
    functions: NDArray[np.int64],
    told: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Fill out [M, N] with units of `weights` [M, K] over what they are told, [K, N]."""
    for m in range(len(out)):
        line = out[m]
        line[:] = np.float32(0.0)
        fours = len(told) // 4 * 4  # at a time: each sum is read and written the less
        for k in range(0, fours, 4):
            a, b, c, d = weights[m, k], weights[m, k + 1], weights[m, k + 2], weights[m, k + 3]
            one, two, three, four = told[k], told[k + 1], told[k + 2], told[k + 3]
            for i in range(len(line)):
                line[i] = line[i] + a * one[i] + b * two[i] + c * three[i] + d * four[i]
        for k in range(fours, len(told)):
            weight, source = weights[m, k], told[k]
            for i in range(len(line)):
                line[i] += weight * source[i]
        activate(functions[m], line)


@kernel
def _network(s: State, depth: int, units: int, gain: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Draw weights [depth + 1, M, max(M, 4)] and functions [depth + 1, M]; the last layer is one unit."""
    most = max(units, INPUTS)
    weights = np.empty((depth + 1, units, most), np.float32)
    functions = np.empty((depth + 1, units), np.int64)
    for layer in range(depth + 1):
        inputs = INPUTS if layer == 0 else units
        for m in range(units):
            functions[layer, m] = below(s, LINE + 1) if layer < depth else LINE
            for k in range(most):
                weights[layer, m, k] = gain * normal(s) / np.sqrt(float(inputs))
    return weights, functions


@painter
@kernel
def _draw(
    s: State, field: Field, drawn: Numbers, depths: tuple[int, int], units: int, gains: tuple[float, float]
) -> None:
    height, width = field.shape
    told = np.ones((INPUTS, width), np.float32)
    one, other = np.empty((units, width), np.float32), np.empty((units, width), np.float32)
    unit = 2.0 / max(height, width)
    depth = depths[0] + below(s, depths[1] - depths[0] + 1)
    gain = log_uniform(s, gains[0], gains[1])
    centre = uniform(s, -1.0, 1.0), uniform(s, -1.0, 1.0)
    weights, functions = _network(s, depth, units, gain)
    for row in range(height):
        y = (row + 0.5 - 0.5 * height) * unit
        for column in range(width):
            x = (column + 0.5 - 0.5 * width) * unit
            told[0, column], told[1, column] = x, y
            told[2, column] = np.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2)
        _layer(weights[0], functions[0], told, one)
        for layer in range(1, depth):
            _layer(weights[layer], functions[layer], one, other)
            one, other = other, one
        _layer(weights[depth, :1], functions[depth, :1], one, field[row : row + 1])
    drawn[0], drawn[1] = depth, gain


@register
@dataclass(frozen=True, kw_only=True)
class Cppn(PaintedField):
    """Folds, ripples and figures with soft shades: what random networks make of a pixel's place."""

    name: ClassVar[str] = "cppn"
    version: ClassVar[int] = 1
    source: ClassVar[str] = (
        "Stanley, Compositional Pattern Producing Networks, Genetic Programming and Evolvable Machines, 2007"
    )
    numbers: ClassVar[tuple[str, ...]] = ("depth", "gain")

    depth_low: Annotated[int, Range(1, 16)] = 2
    """Fewest layers before the last; drawn for each picture. More layers fold the picture more often."""
    depth_high: Annotated[int, Range(1, 16)] = 5
    """Most layers before the last."""
    units: Annotated[int, Range(1, 64)] = 8
    """Units in each layer; a unit is a sine, a bump, a step, a fold or a line, drawn for each."""
    gain_low: Annotated[float, Range(0.01, 100)] = 0.4
    """Smallest deviation of a unit's sum, for inputs of 1; drawn log-uniformly for each picture."""
    gain_high: Annotated[float, Range(0.01, 100)] = 1.5
    """Largest deviation of a unit's sum: the larger, the rougher."""
    colours: Annotated[int, Range(1, 16)] = 3
    """Random colours the palette runs through; 1 is black to white."""

    def fill(self, seeds: Seeds, fields: Field, pixels: Pixels) -> Numbers:
        """Fill fields with the networks' outputs; the longer side of a picture spans −1 … 1."""
        drawn = np.empty((len(seeds), 2))
        depths, gains = (self.depth_low, self.depth_high), (float(self.gain_low), float(self.gain_high))
        _draw(seeds, self.colours, fields, pixels, drawn, depths, self.units, gains)
        return drawn

    def describe(self, drawn: list[float]) -> dict[str, Param]:
        """Return the ``depth``, layers before the last, and the ``gain`` of the weights."""
        return {"depth": int(drawn[0]), "gain": drawn[1]}
