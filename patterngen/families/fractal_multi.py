"""`fractal-multi`: several fractals of random sizes and places on one random terrain, in colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from patterngen.families import register
from patterngen.families.fractal_color import COMMON, EACH, FractalsOnTerrain, draw_fractals
from patterngen.families.model.pictures import Param, Pictures, blank
from patterngen.families.model.settings import Range


@register
@dataclass(frozen=True, kw_only=True)
class FractalMulti(FractalsOnTerrain):
    """One to five fractals, each hued by density, strewn over a cloudy ground."""

    name: ClassVar[str] = "fractal-multi"
    version: ClassVar[int] = 1

    fractals_low: Annotated[int, Range(1, 16)] = 1
    """Fewest fractals of a picture."""
    fractals_high: Annotated[int, Range(1, 16)] = 5
    """Most fractals of a picture."""
    width_low: Annotated[float, Range(0.01, 1)] = 0.15
    """Least width of a fractal, in widths of the picture; drawn for each."""
    width_high: Annotated[float, Range(0.01, 1)] = 0.6
    """Greatest width of a fractal, in widths of the picture."""

    def draw_square(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed.

        Its params are ``fractals``, ``decay`` and for each fractal, the hindmost first, ``maps_1``,
        ``sigma_factor_1`` and its ``left_1``, ``top_1`` and ``width_1`` in pixels. Every fractal has a system
        of its own, so there is one class.
        """
        streams, pixels = blank(seeds, size, size)
        drawn = np.empty((len(seeds), COMMON + EACH * self.fractals_high))
        number, maps = (self.fractals_low, self.fractals_high), (self.maps_low, self.maps_high)
        widths = (float(self.width_low), float(self.width_high))
        decays = (float(self.decay_low), float(self.decay_high))
        orbits = np.empty((1, 2, self.points), np.float32)
        draw_fractals(streams, orbits, number, maps, widths, decays, pixels, drawn)
        return Pictures(pixels, [_describe(row) for row in drawn.tolist()], np.zeros(len(seeds), np.int64))


def _describe(row: list[float]) -> dict[str, Param]:
    params: dict[str, Param] = {"fractals": int(row[0]), "decay": row[1]}
    for k in range(int(row[0])):
        maps, factor, left, top, width = row[COMMON + EACH * k : COMMON + EACH * (k + 1)]
        params |= {f"maps_{k + 1}": int(maps), f"sigma_factor_{k + 1}": factor}
        params |= {f"left_{k + 1}": int(left), f"top_{k + 1}": int(top), f"width_{k + 1}": int(width)}
    return params
