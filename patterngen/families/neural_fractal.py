"""`neural-fractal`: escape times of random two-layer networks of a complex number.

z ← g(z) + c, where c is the place of the pixel and g a network with complex weights, after arXiv 2506.19465.
Its hidden units are the maps that famous sets are made of: squares (Mandelbrot), squares of the conjugate
(tricorn), squares of the absolute parts (burning ship) and parts above zero (the networks of today). How far
is far follows from the picture: half of its points go there, or more.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.simd import (
    WIDTH,
    Lanes,
    all_more,
    larger,
    load,
    magnitude,
    root,
    store,
    where_more,
)
from patterngen.families import register
from patterngen.families.model.painted import Field, Numbers, PaintedField, Pixels, Seeds
from patterngen.families.model.painter import painter
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import State, below, log_uniform, normal, uniform

SQUARE, TRICORN, SHIP, HALF = range(4)
"""What a hidden unit does with u = x + iy: u², ū², (|x| + i|y|)², or x and y where they are above zero."""
PROBES = 256
"""Points of a picture whose greatest distances say how far is far."""
TILE = 64
"""Points that are followed together: until the last of them has left."""
FARTHEST = np.float32(1e6)
"""Distance after which a point is followed no more."""


@kernel
def _apply(
    weights: NDArray[np.float32], units: NDArray[np.int64], x: Lanes, y: Lanes, real: Lanes, imaginary: Lanes
) -> tuple[Lanes, Lanes]:
    """Add g(x + iy) to numbers: g(z) = Σ v · unit(a · z + b).

    Weights [M, 6] are a, b and v of each unit, real and imaginary part.
    """
    for m in range(len(units)):
        a, ai, b, bi, v, vi = weights[m]
        unit = units[m]
        p, q = a * x - ai * y + b, a * y + ai * x + bi
        if unit == HALF:
            p, q = larger(p, np.float32(0.0)), larger(q, np.float32(0.0))
        else:
            if unit == TRICORN:
                q = q * np.float32(-1.0)
            elif unit == SHIP:
                p, q = magnitude(p), magnitude(q)
            p, q = p * p - q * q, np.float32(2.0) * p * q
        real, imaginary = real + (v * p - vi * q), imaginary + (v * q + vi * p)
    return real, imaginary


@kernel
def _escape(
    weights: NDArray[np.float32],
    units: NDArray[np.int64],
    places: NDArray[np.float32],
    iterations: int,
    far: np.float32,
    times: NDArray[np.float32],
    farthest: NDArray[np.float32],
) -> None:
    """Fill times [N] with the steps until points are farther than `far` from 0, or all of them if never.

    Args:
        weights: float32 [M, 6], see `_apply`.
        units: of the network, [M].
        places: float32 [2, N], real and imaginary parts of c; N is a multiple of `WIDTH`.
        iterations: how many steps.
        far: distance; the last step counts by the part of it that was needed.
        times: overwritten.
        farthest: [N], overwritten with the greatest distance that each point came to.
    """
    count, end = len(times), np.float32(iterations)
    c, z, before = places.reshape(-1), np.zeros(2 * count, np.float32), np.zeros(count, np.float32)
    farthest[:] = np.float32(0.0)
    times[:] = end
    inside = True
    for k in range(iterations):
        if not inside:
            break
        inside = False
        for i in range(0, count, WIDTH):
            time, last, most = load(times, i), load(before, i), load(farthest, i)
            x, y = load(z, i), load(z, i + count)
            real, imaginary = _apply(weights, units, x, y, load(c, i), load(c, i + count))
            distance = root(real * real + imaginary * imaginary)
            # What has left stays where it was, so that its numbers stay finite.
            store(farthest, i, where_more(end, time, most, larger(most, distance)))
            here = where_more(end, time, end, distance)
            store(z, i, where_more(here, far, x, real))
            store(z, i + count, where_more(here, far, y, imaginary))
            store(before, i, where_more(here, far, last, distance))
            leaving = where_more(distance, far, np.float32(k) + (far - last) / (distance - last), time)
            time = where_more(end, time, time, leaving)
            store(times, i, time)
            inside |= not all_more(end, time)


@kernel
def _network(s: State, count: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    weights, units = np.empty((count, 6), np.float32), np.empty(count, np.int64)
    for m in range(count):
        units[m] = below(s, HALF + 1)
        for k in range(6):
            scale = 0.7 if k < 2 else (0.3 if k < 4 else 0.7 / np.sqrt(float(count)))
            weights[m, k] = scale * normal(s)
    return weights, units


@painter
@kernel
def _draw(
    s: State, field: Field, drawn: Numbers, count: int, iterations: int, spans: tuple[float, float]
) -> None:
    height, width = field.shape
    probed, places = np.empty((2, PROBES), np.float32), np.empty((2, TILE), np.float32)
    times, farthest = np.empty(PROBES, np.float32), np.empty(PROBES, np.float32)
    span = log_uniform(s, spans[0], spans[1])
    weights, units = _network(s, count)
    across, down = uniform(s, -1.0, 1.0), uniform(s, -1.0, 1.0)
    unit = span / max(height, width)
    for k in range(PROBES):
        probed[0, k] = across + (uniform(s, 0.0, float(width)) - 0.5 * width) * unit
        probed[1, k] = down + (uniform(s, 0.0, float(height)) - 0.5 * height) * unit
    _escape(weights, units, probed, iterations, FARTHEST, times, farthest)
    far = min(np.sort(farthest)[PROBES // 2], FARTHEST)
    for row in range(height):
        y = down + (row + 0.5 - 0.5 * height) * unit
        for start in range(0, width, TILE):
            for i in range(TILE):
                column = min(start + i, width - 1)  # so that the last tile is whole
                places[0, i], places[1, i] = across + (column + 0.5 - 0.5 * width) * unit, y
            _escape(weights, units, places, iterations, far, times[:TILE], farthest[:TILE])
            for i in range(min(TILE, width - start)):
                field[row, start + i] = times[i]
    drawn[0], drawn[1], drawn[2], drawn[3] = across, down, span, far


@register
@dataclass(frozen=True, kw_only=True)
class NeuralFractal(PaintedField):
    """Islands with fringed shores: how long points take to leave under a random network."""

    name: ClassVar[str] = "neural-fractal"
    version: ClassVar[int] = 1
    source: ClassVar[str] = "after arXiv 2506.19465; the units of the network are ours"
    numbers: ClassVar[tuple[str, ...]] = ("x", "y", "span", "far")

    units: Annotated[int, Range(1, 32)] = 4
    """Hidden units of the network."""
    iterations: Annotated[int, Range(1, 1000)] = 24
    """Steps for which a point is followed."""
    span_low: Annotated[float, Range(1e-6, 100)] = 1.0
    """Smallest part of the plane across the longer side of a picture; drawn log-uniformly for each."""
    span_high: Annotated[float, Range(1e-6, 100)] = 6.0
    """Largest part of the plane across the longer side."""
    colours: Annotated[int, Range(1, 16)] = 3
    """Random colours the palette runs through; 1 is black to white."""

    def fill(self, seeds: Seeds, fields: Field, pixels: Pixels) -> Numbers:
        """Fill fields with escape times, 0 … iterations.

        Numbers are the middle, x + iy, the span across the longer side, and how far a point must go.
        """
        drawn = np.empty((len(seeds), 4))
        spans = (float(self.span_low), float(self.span_high))
        _draw(seeds, self.colours, fields, pixels, drawn, self.units, self.iterations, spans)
        return drawn
