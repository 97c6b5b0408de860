"""Radial contours: closed lines that grow outward around a centre, each of one gray, over one another.

A category says how many lines there are, of how many vertices, and what moves the vertices from one line to
the next: noise, two waves around the centre, and a constant. An instance of it has its own centre, grays and
noise. Sources: Kataoka et al., "Replacing Labeled Real-image Datasets with Auto-generated Contours", CVPR
2022; Takashima et al., "Visual Atoms", CVPR 2023. Lengths are in units of 1/512 of the picture's width.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.polyline import draw_closed, stencils
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Param, Pictures, blank
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.limits import MAX_SEED
from patterngen.numba_math import cos_sin, exp, log
from patterngen.rng import State, below, bits, stream, uniform

UNITS = 512
"""Units of length across a picture."""

TRIES = 16
"""How often an instance that shows nothing is drawn again; in small pictures the chance is not negligible."""


class Category(NamedTuple):
    """The parameters that all instances of a category share."""

    vertices: int
    lines: int
    noise: float
    """How far a vertex moves from one line to the next: P."""
    offset: float
    """How far it moves outward besides: w."""
    radius: int
    """Radius at the start, before it is stretched: r₀."""
    wave_1: int
    """Periods of the first wave around the centre, n₁."""
    wave_2: int
    """Periods of the second, n₂."""
    oval_x: float
    """Stretch of the starting circle along x."""
    oval_y: float


class Laws(NamedTuple):
    """What categories are drawn from: pairs are the ends of uniform laws, both included for integers."""

    vertices: tuple[int, int]
    vertices_mean: float
    """Mean of the exponential law that the ends cut off, infinite for a uniform one."""
    lines: tuple[int, int]
    noise: tuple[float, float]
    offset: tuple[float, float]
    radius: tuple[int, int]
    waves: int
    """The waves have 0 … this many periods, not the same number unless both have none."""
    oval: float
    """The ovals are stretched by up to this factor."""


@kernel
def _between(s: State, ends: tuple[int, int]) -> int:
    return ends[0] + below(s, ends[1] - ends[0] + 1)


@kernel
def _exponential(s: State, mean: float, ends: tuple[int, int]) -> int:
    """Draw from the exponential law, rounded down, given that it lies between the ends; by its inverse."""
    covered = 1.0 - exp(-min((ends[1] - ends[0] + 1) / mean, 600.0))
    value = ends[0] + int(-mean * log(1.0 - covered * uniform(s, 0.0, 1.0)))
    return min(value, ends[1])


@kernel
def draw_category(seed: int, number: int, laws: Laws) -> Category:
    """Return a category by its number alone: others need not be drawn.

    Args:
        seed: chooses the whole set of categories.
        number: of the category, from 0.
        laws: see `Laws`.
    """
    s = stream(int(bits(stream(seed)) + np.uint64(number)))
    if laws.vertices_mean == math.inf:
        vertices = _between(s, laws.vertices)
    else:
        vertices = _exponential(s, laws.vertices_mean, laws.vertices)
    lines = _between(s, laws.lines)
    noise = uniform(s, laws.noise[0], laws.noise[1])
    offset = uniform(s, laws.offset[0], laws.offset[1])
    radius = _between(s, laws.radius)
    wave_1 = below(s, laws.waves + 1)
    wave_2 = below(s, laws.waves + 1)
    while wave_1 == wave_2 and wave_1 > 0:
        wave_1 = below(s, laws.waves + 1)
        wave_2 = below(s, laws.waves + 1)
    oval_x = uniform(s, 1.0, laws.oval)
    oval_y = uniform(s, 1.0, laws.oval)
    return Category(vertices, lines, noise, offset, radius, wave_1, wave_2, oval_x, oval_y)


@kernel
def perlin_1(random: np.uint32) -> np.float32:
    """Return Perlin's noise of one dimension at a uniform place of its lattice, in [−1, 1].

    24 of the random bits say where in its cell the place is; two times 4 choose the slopes at the cell's
    ends among ±1/4, ±2/4, … ±8/4. Source of the slopes: Gustavson, "Simplex noise demystified", 2005.
    """
    t = np.float32(random & np.uint32(0xFFFFFF)) * np.float32(1.0 / 16777216.0)
    k = np.int32((random >> np.uint32(24)) & np.uint32(15))
    left = np.float32(k - 8 + (k >= 8)) * t
    k = np.int32(random >> np.uint32(28))
    right = np.float32(k - 8 + (k >= 8)) * (t - np.float32(1.0))
    fade = t * t * t * (t * (t * np.float32(6.0) - np.float32(15.0)) + np.float32(10.0))
    return np.float32(np.float32(0.25) * (left + fade * (right - left)))


@kernel
def start(category: Category, size: int) -> NDArray[np.float32]:
    """Return the first contour around (0, 0) and how it grows, float32 [6, V], in pixels.

    Rows are the places x and y; what is added to each from line to line, without noise; and how much of
    `perlin_1` is taken from that. The wave sin nθ is looked up: at vertex i it is the sine of vertex n·i.
    """
    vertices = category.vertices
    scale = size / UNITS
    cosine = np.empty(vertices)
    sine = np.empty(vertices)
    for i in range(vertices):
        cosine[i], sine[i] = cos_sin(i / vertices)
    contour = np.empty((6, vertices), np.float32)
    for i in range(vertices):
        waves = sine[category.wave_1 * i % vertices] + sine[category.wave_2 * i % vertices]
        growth = category.noise + category.offset + 0.5 * waves
        contour[0, i] = scale * category.radius * category.oval_x * cosine[i]
        contour[1, i] = scale * category.radius * category.oval_y * sine[i]
        contour[2, i] = scale * growth * cosine[i]
        contour[3, i] = scale * growth * sine[i]
        contour[4, i] = scale * category.noise * cosine[i]
        contour[5, i] = scale * category.noise * sine[i]
    return contour


@kernel
def grow(contour: NDArray[np.float32], random: NDArray[np.uint64]) -> None:
    """Move every vertex from one line to the next.

    Args:
        contour: see `start`; the places are overwritten.
        random: random bits, uint64 [V], of which each axis takes half; drawn before, so that this loop fills
            the processor's vector lanes.
    """
    x, y = contour[0], contour[1]  # one by one: taken apart as a tuple, they would not fill the lanes
    growth_x, growth_y = contour[2], contour[3]
    noise_x, noise_y = contour[4], contour[5]
    for i in range(len(random)):
        x[i] += growth_x[i] - noise_x[i] * perlin_1(np.uint32(random[i] & np.uint64(0xFFFFFFFF)))
        y[i] += growth_y[i] - noise_y[i] * perlin_1(np.uint32(random[i] >> np.uint64(32)))


@kernel
def _draw_instance(
    s: State, category: Category, ground: int, short: NDArray[np.int64], canvas: NDArray[np.uint8]
) -> tuple[float, float]:
    """Draw one instance over a canvas [size, size]; return its centre (x, y) in units."""
    size = canvas.shape[0]
    centre_x = 0.5 * (UNITS + _between(s, (-UNITS, UNITS)))
    centre_y = 0.5 * (UNITS + _between(s, (-UNITS, UNITS)))
    contour = start(category, size)
    for i in range(category.vertices):
        contour[0, i] += np.float32(centre_x * size / UNITS)
        contour[1, i] += np.float32(centre_y * size / UNITS)
    columns = np.empty(category.vertices, np.int32)
    rows = np.empty(category.vertices, np.int32)
    random = np.empty(category.vertices, np.uint64)
    canvas[:] = ground
    for _ in range(category.lines):
        shade = below(s, 256)
        for i in range(category.vertices):
            random[i] = bits(s)
        grow(contour, random)
        for i in range(category.vertices):
            columns[i] = np.int32(math.floor(contour[0, i]))
            rows[i] = np.int32(math.floor(contour[1, i]))
        draw_closed(columns, rows, shade, short, canvas)
    return centre_x, centre_y


@kernel
def _draw(
    seeds: NDArray[np.uint64],
    categories: int,
    categories_seed: int,
    laws: Laws,
    ground: int,
    pixels: NDArray[np.uint8],
    class_id: NDArray[np.int64],
    centres: NDArray[np.float64],
) -> None:
    size = pixels.shape[1]
    canvas = np.empty((size, size), np.uint8)
    short = stencils(size)
    for n in range(len(seeds)):
        s = stream(seeds[n])
        number = below(s, categories)
        category = draw_category(categories_seed, number, laws)
        for _ in range(TRIES):
            centres[n, 0], centres[n, 1] = _draw_instance(s, category, ground, short, canvas)
            # A lone line may have the ground's own gray, or a speck may lie just outside the picture.
            if canvas.min() < canvas.max():
                break
        for row in range(size):
            for column in range(size):
                for channel in range(3):
                    pixels[n, row, column, channel] = canvas[row, column]
        class_id[n] = number


@dataclass(frozen=True, kw_only=True)
class Contours(Family):
    """What the families of radial contours share: their settings in common, and the drawing."""

    version: ClassVar[int] = 1
    ground: ClassVar[int]
    """Gray of the ground, 0 … 255."""

    categories: Annotated[int, Range(1, 1_000_000)] = 1000
    """How many categories there are; the seed of a picture chooses one."""
    categories_seed: Annotated[int, Range(0, MAX_SEED)] = 0
    """Chooses the set of categories: each follows from this and its number alone."""
    vertices_low: Annotated[int, Range(3, 2000)] = 200
    """Fewest vertices of a line; all of a category's lines have as many."""
    vertices_high: Annotated[int, Range(3, 2000)] = 1000
    """Most vertices of a line."""
    lines_low: Annotated[int, Range(1, 1000)] = 1
    """Fewest lines of a category."""
    lines_high: Annotated[int, Range(1, 1000)] = 200
    """Most lines of a category."""
    noise_low: Annotated[float, Range(0, 64)] = 0.0
    """Least noise from line to line, in units of 1/512 of the picture's width; drawn per category."""
    noise_high: Annotated[float, Range(0, 64)] = 4.0
    """Most noise from line to line, in the same units."""
    offset_low: Annotated[float, Range(0, 64)] = 0.0
    """Least growth from line to line besides noise and waves, in the same units; drawn per category."""
    offset_high: Annotated[float, Range(0, 64)] = 0.1
    """Most growth from line to line besides noise and waves."""
    radius_low: Annotated[int, Range(0, 512)] = 10
    """Least radius at the start, in the same units; drawn for each category."""
    radius_high: Annotated[int, Range(0, 512)] = 60
    """Greatest radius at the start."""
    oval_high: Annotated[float, Range(1, 16)] = 2.0
    """Greatest factor by which the start is stretched along each axis, from 1; drawn for each category."""

    @property
    def laws(self) -> Laws:
        """What the categories are drawn from."""
        return Laws(
            vertices=(self.vertices_low, self.vertices_high),
            vertices_mean=math.inf,
            lines=(self.lines_low, self.lines_high),
            noise=(float(self.noise_low), float(self.noise_high)),
            offset=(float(self.offset_low), float(self.offset_high)),
            radius=(self.radius_low, self.radius_high),
            waves=0,
            oval=float(self.oval_high),
        )

    @property
    def num_classes(self) -> int:
        """One class per category."""
        return self.categories

    def draw_square(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed; its params are those of `Category`, and the centre in units."""
        streams, pixels = blank(seeds, size, size)
        class_id = np.empty(len(seeds), np.int64)
        centres = np.empty((len(seeds), 2))
        seed, laws = self.categories_seed, self.laws
        _draw(streams, self.categories, seed, laws, self.ground, pixels, class_id, centres)
        params: list[dict[str, Param]] = [
            {**draw_category(seed, number, laws)._asdict(), "centre_x": x, "centre_y": y}
            for number, (x, y) in zip(class_id.tolist(), centres.tolist(), strict=True)
        ]
        return Pictures(pixels, params, class_id)
