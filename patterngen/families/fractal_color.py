"""`fractal-color`: the attractor of a random iterated function system on a random terrain, in colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.families import register
from patterngen.families.contract import Family, Param, Pictures
from patterngen.families.diamond_square import raise_terrain, side_for
from patterngen.families.ifs import density, follow, sample_system
from patterngen.families.palette import SHADES, hue_palette, paint
from patterngen.families.settings import blank, check_order, check_range
from patterngen.kernels import State, below, kernel, stream, uniform


@kernel
def _draw_hues(s: State) -> NDArray[np.uint8]:
    return hue_palette(uniform(s, 0.0, 1.0), uniform(s, 0.3, 1.0), uniform(s, 0.5, 1.0))


@kernel
def _draw(
    seeds: NDArray[np.uint64],
    points: int,
    maps: tuple[int, int],
    decays: tuple[float, float],
    pixels: NDArray[np.uint8],
    drawn: NDArray[np.float64],
) -> None:
    size = pixels.shape[1]
    orbit = np.empty((2, points), np.float32)
    counts = np.empty((size, size), np.int32)
    heights = np.empty((side_for(size), side_for(size)), np.float32)
    for n in range(len(seeds)):
        s = stream(seeds[n])
        count = maps[0] + below(s, maps[1] - maps[0] + 1)
        factor = 0.5 * uniform(s, 5.0 + count, 6.0 + count)
        decay = uniform(s, decays[0], decays[1])
        raise_terrain(s, decay, heights)
        paint(heights[:size, :size], _draw_hues(s), pixels[n])
        follow(s, sample_system(s, count, factor), orbit)
        density(orbit, counts)
        palette = _draw_hues(s)
        shade = (SHADES - 1.0) / counts.max()
        for row in range(size):
            for column in range(size):
                hits = counts[row, column]
                if hits:
                    pixels[n, row, column] = palette[int(shade * hits)]
        drawn[n, 0] = count
        drawn[n, 1] = factor
        drawn[n, 2] = decay


@register
@dataclass(frozen=True, kw_only=True)
class FractalColor(Family):
    """One fractal of two to four affine maps, hue by density, on a cloudy ground."""

    name: ClassVar[str] = "fractal-color"
    version: ClassVar[int] = 1
    source: ClassVar[str] = "Anderson & Farrell, Improving Fractal Pre-training, WACV 2022"

    points: int = 100_000
    """Points of the attractor, 1000 … 100 000 000."""
    maps_low: int = 2
    """Fewest affine maps of a system, 2 … 16; drawn for each picture."""
    maps_high: int = 4
    """Most affine maps of a system, 2 … 16."""
    decay_low: float = 0.4
    """Least height of the ground on a grid relative to the coarser one, 0 … 1: smooth; drawn per picture."""
    decay_high: float = 0.8
    """Most height of the ground on a grid relative to the coarser one, 0 … 1: rough."""

    def __post_init__(self) -> None:
        check_range(self, 1000, 100_000_000, "points")
        check_range(self, 2, 16, "maps_low", "maps_high")
        check_order(self, "maps_low", "maps_high")
        check_range(self, 0, 1, "decay_low", "decay_high")
        check_order(self, "decay_low", "decay_high")

    def draw(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed; its params are ``maps``, ``sigma_factor`` and ``decay``.

        Every picture has a system of its own, so there is one class.
        """
        streams, pixels = blank(self, seeds, size)
        drawn = np.empty((len(seeds), 3))
        maps = (self.maps_low, self.maps_high)
        _draw(streams, self.points, maps, (float(self.decay_low), float(self.decay_high)), pixels, drawn)
        params: list[dict[str, Param]] = [
            {"maps": int(n), "sigma_factor": f, "decay": d} for n, f, d in drawn.tolist()
        ]
        return Pictures(pixels, params, np.zeros(len(seeds), np.int64))
