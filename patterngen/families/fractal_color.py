"""`fractal-color`: the attractor of a random iterated function system on a random terrain, in colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.chaos_game import count, follow, window
from patterngen.drawing.ifs import fixed_point, sample_system
from patterngen.drawing.palette import SHADES, extent, hue_palette, lay, packed, shade
from patterngen.families import register
from patterngen.families.diamond_square import raise_terrain
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Param, Pictures, blank
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import State, below, stream, uniform

COMMON = 2
"""Numbers drawn for a picture: how many fractals, the decay of the ground."""
EACH = 5
"""Numbers drawn for each fractal: its maps and σ-factor; its left, top and width in pixels."""


@kernel
def _draw_hues(s: State, colours: NDArray[np.uint32]) -> None:
    hues = packed(hue_palette(uniform(s, 0.0, 1.0), uniform(s, 0.3, 1.0), uniform(s, 0.5, 1.0)))
    for i in range(SHADES):
        colours[i] = hues[i]


@kernel
def _overlay(counts: NDArray[np.int32], first: int, shades: NDArray[np.uint32]) -> None:
    """Write first … first + 1023, as the number of points rises to its highest, where there is a point."""
    most = np.int32(1)
    flat = counts.reshape(-1)
    for i in range(len(flat)):
        most = max(most, flat[i])
    scale = np.float32((SHADES - 1) / most)
    for row in range(len(counts)):
        hits, line = counts[row], shades[row]
        for column in range(len(hits)):
            place = np.int32(np.float32(hits[column]) * scale)
            line[column] = np.uint32(np.int32(first) + place) if hits[column] > 0 else line[column]


@kernel
def draw_fractals(
    seeds: NDArray[np.uint64],
    orbits: NDArray[np.float32],
    number: tuple[int, int],
    maps: tuple[int, int],
    widths: tuple[float, float],
    decays: tuple[float, float],
    pixels: NDArray[np.uint8],
    drawn: NDArray[np.float64],
) -> None:
    """Draw fractals on a terrain, later ones over earlier ones.

    Args:
        seeds: uint64 [N].
        orbits: float32 [F, 2, P], overwritten: in ``orbits[n % F]`` lies the last fractal of picture n.
        number: fewest and most fractals of a picture.
        maps: fewest and most maps of a fractal.
        widths: least and greatest width of a fractal, in widths of the picture.
        decays: least and greatest decay of the terrain.
        pixels: uint8 [N, size, size, 3], overwritten.
        drawn: float64 [N, COMMON + EACH · number[1]], overwritten as far as there are fractals.
    """
    size = pixels.shape[1]
    heights = np.empty((size, size), np.float32)
    counts = np.empty(size * size, np.int32)
    shades = np.empty((size, size), np.uint32)
    colours = np.empty(SHADES * (1 + number[1]), np.uint32)
    for n in range(len(seeds)):
        s = stream(seeds[n])
        orbit = orbits[n % len(orbits)]
        fractals = number[0] + below(s, number[1] - number[0] + 1)
        decay = uniform(s, decays[0], decays[1])
        drawn[n, 0] = fractals
        drawn[n, 1] = decay
        raise_terrain(s, decay, heights)
        low, high = extent(heights)
        shade(heights.reshape(-1), shades.reshape(-1), low, high)
        _draw_hues(s, colours)
        for k in range(fractals):
            own = drawn[n, COMMON + EACH * k :]
            few = maps[0] + below(s, maps[1] - maps[0] + 1)
            factor = 0.5 * uniform(s, 5.0 + few, 6.0 + few)
            system = sample_system(s, few, factor)
            width = max(1, int(size * uniform(s, widths[0], widths[1]) + 0.5))
            left, top = below(s, size - width + 1), below(s, size - width + 1)
            own[0], own[1], own[2], own[3], own[4] = few, factor, left, top, width
            follow(s, system, fixed_point(system), orbit)
            hits = counts[: width * width].reshape(width, width)
            count(orbit, window(orbit), hits)
            first = SHADES * (1 + k)
            _overlay(hits, first, shades[top : top + width, left : left + width])
            _draw_hues(s, colours[first:])
        lay(shades.reshape(-1), colours, pixels[n].reshape(-1))


@dataclass(frozen=True, kw_only=True)
class FractalsOnTerrain(Family):
    """What the families that lay fractals of Anderson & Farrell on a terrain can be set to."""

    source: ClassVar[str] = "Anderson & Farrell, Improving Fractal Pre-training, WACV 2022"

    points: Annotated[int, Range(1000, 10_000_000)] = 100_000
    """Points of the attractor."""
    maps_low: Annotated[int, Range(2, 16)] = 2
    """Fewest affine maps of a system; drawn for each picture."""
    maps_high: Annotated[int, Range(2, 16)] = 4
    """Most affine maps of a system."""
    decay_low: Annotated[float, Range(0, 1)] = 0.4
    """Least height of the ground on a grid relative to the coarser one: smooth; drawn per picture."""
    decay_high: Annotated[float, Range(0, 1)] = 0.8
    """Most height of the ground on a grid relative to the coarser one: rough."""


@register
@dataclass(frozen=True, kw_only=True)
class FractalColor(FractalsOnTerrain):
    """One fractal of two to four affine maps, hue by density, on a cloudy ground."""

    name: ClassVar[str] = "fractal-color"
    version: ClassVar[int] = 2

    def draw_square(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed; its params are ``maps``, ``sigma_factor`` and ``decay``.

        Every picture has a system of its own, so there is one class.
        """
        streams, pixels = blank(seeds, size, size)
        drawn = self._fill(streams, np.empty((1, 2, self.points), np.float32), pixels)
        params: list[dict[str, Param]] = [
            {"maps": int(maps), "sigma_factor": factor, "decay": decay}
            for _, decay, maps, factor, *_ in drawn.tolist()
        ]
        return Pictures(pixels, params, np.zeros(len(seeds), np.int64))

    def attractor_square(self, seeds: Sequence[int], size: int) -> NDArray[np.float32]:
        """Return the points of the fractals, whose systems depend on the size too; see `Family.attractor`."""
        streams, pixels = blank(seeds, size, size)
        orbits = np.empty((len(seeds), 2, self.points), np.float32)
        self._fill(streams, orbits, pixels)
        return orbits.swapaxes(1, 2)

    def _fill(
        self, seeds: NDArray[np.uint64], orbits: NDArray[np.float32], pixels: NDArray[np.uint8]
    ) -> NDArray[np.float64]:
        drawn = np.empty((len(seeds), COMMON + EACH))
        maps = (self.maps_low, self.maps_high)
        decays = (float(self.decay_low), float(self.decay_high))
        draw_fractals(seeds, orbits, (1, 1), maps, (1.0, 1.0), decays, pixels, drawn)
        return drawn
