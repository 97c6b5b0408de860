"""`exfractal`: fractals of space, seen from twelve sides.

A spatial system is float64 [N, 12]: each row holds a matrix, row by row, and then a shift.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.categories import sample_maps
from patterngen.drawing.stamps import stamp
from patterngen.families import register
from patterngen.families.fractal_categories import FractalCategories, Points, find_category
from patterngen.families.model.pictures import Param
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.numba_math import cos_sin
from patterngen.rng import State, bits, stream, uniform

LANES = 16
"""Orbits followed side by side, so that none waits long for one map's result."""
SETTLING = 32
"""Steps not counted while the orbits, which start at the origin, reach the attractor and part."""
BOUNDED = 1e4
"""Largest coordinates of points that are taken for bounded."""
VARIANCE = 0.15
"""Variance of the points of a category along each axis, at least, when the axis is scaled to −1 … 1.

The scale is our reading: it makes the rule ask for points all along the axis, not for a large fractal. Few
systems of more than two maps obey it.
"""
SEARCH_POINTS = 10_000
NUMBERS = 12
"""Numbers of a map of space."""
VIEWS = 12
"""Directions of view around the vertical axis, 30° apart."""
SLOPE = np.float32(math.sqrt(2.0) - 1.0)
"""Tangent of half the field of view of 45°."""
DISTANCE = 1.0 + 2.0 * math.sqrt(2.0)
"""Distance of the eye from the middle of the cube −1 … 1: its view just holds the cube, however turned.

Nearest to the eye an edge comes when turned to √2 before the middle; its ends, 1 above and below, are seen
at the border when the eye is 1 / SLOPE = 1 + √2 farther.
"""


@kernel
def _ends(system: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where in 0 … 1 each map's share ends; shares are as |det|, the volume a map fills."""
    ends = np.empty(len(system))
    total = 0.0
    for i in range(len(system)):
        a, b, c, d, e, f, g, h, k = system[i, :9]
        total += max(abs(a * (e * k - f * h) - b * (d * k - f * g) + c * (d * h - e * g)), 1e-9)
        ends[i] = total
    return ends / total


@kernel
def follow(s: State, system: NDArray[np.float64], points: NDArray[np.float64]) -> bool:
    """Fill float64 [3, P] with points of the system's attractor; return whether they stayed bounded.

    Where an orbit runs off the filling ends; the rest is 0.
    """
    ends = _ends(system)
    x, y, z = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    points[:] = 0.0
    for start in range(-SETTLING * LANES, points.shape[1], LANES):
        for lane in range(LANES):
            chance = uniform(s, 0.0, 1.0)
            k = 0
            while k < len(ends) - 1 and chance >= ends[k]:
                k += 1
            u = system[k, 0] * x[lane] + system[k, 1] * y[lane] + system[k, 2] * z[lane] + system[k, 9]
            v = system[k, 3] * x[lane] + system[k, 4] * y[lane] + system[k, 5] * z[lane] + system[k, 10]
            w = system[k, 6] * x[lane] + system[k, 7] * y[lane] + system[k, 8] * z[lane] + system[k, 11]
            x[lane], y[lane], z[lane] = u, v, w
            if abs(u) + abs(v) + abs(w) >= BOUNDED:
                return False
        if start >= 0:
            for lane in range(min(LANES, points.shape[1] - start)):
                points[0, start + lane] = x[lane]
                points[1, start + lane] = y[lane]
                points[2, start + lane] = z[lane]
    return True


@kernel
def fit(points: NDArray[np.float64]) -> None:
    """Scale each axis of points [3, P] to −1 … 1, in place; an axis without extent becomes 0."""
    for axis in range(3):
        values = points[axis]
        low = high = values[0]
        for value in values:
            low, high = min(low, value), max(high, value)
        scale = 2.0 / (high - low) if high > low else 0.0
        for i in range(len(values)):
            values[i] = (values[i] - 0.5 * (low + high)) * scale


@kernel
def least_variance(points: NDArray[np.float64]) -> float:
    """Return the variance of points [3, P] along the axis where it is least."""
    least = math.inf
    for axis in range(3):
        mean = square = 0.0
        for value in points[axis]:
            mean += value
            square += value * value
        mean /= points.shape[1]
        least = min(least, square / points.shape[1] - mean * mean)
    return least


@kernel
def _spread(s: State, system: NDArray[np.float64], points: NDArray[np.float64]) -> float:
    """Fill points [3, P] with those of a system, scaled; return their least variance, or 0 if unbounded."""
    if not follow(s, system, points):
        return 0.0
    fit(points)
    return least_variance(points)


@kernel
def search(seed: int) -> NDArray[np.float64]:
    """Return the first system of a stream that makes a category, float64 [2 … 7, 12]."""
    s = stream(seed)
    few, all_points = np.empty((3, SEARCH_POINTS // 20)), np.empty((3, SEARCH_POINTS))
    while True:
        system = sample_maps(s, NUMBERS)
        # A few points are scaled to −1 … 1 as all are, but come less far: they vary more, and where even they
        # do not vary enough the system is passed over at little cost. Their variance is known to a tenth.
        if _spread(s, system, few) > 0.8 * VARIANCE and _spread(s, system, all_points) > VARIANCE:
            return system


@kernel
def project(points: NDArray[np.float64], view: int) -> NDArray[np.float32]:
    """Return where points [3, P] of the cube −1 … 1 are seen, float32 [2, P], each within ±SLOPE.

    Args:
        points: x to the right, y up, z towards the eye.
        view: 0 … 11, how often the points have been turned by 30° about y.
    """
    c, s = cos_sin(view / VIEWS)
    seen = np.empty((2, points.shape[1]), np.float32)
    for i in range(points.shape[1]):
        x, y, z = points[0, i], points[1, i], points[2, i]
        nearness = 1.0 / (DISTANCE - (c * z - s * x))
        seen[0, i] = (c * x + s * z) * nearness
        seen[1, i] = -y * nearness
    return seen


@kernel
def _follow_instance(seed: int, system: NDArray[np.float64], points: NDArray[np.float64]) -> State:
    """Fill points [3, P] of an instance; return its stream."""
    s = stream(int(bits(stream(seed))))  # not the stream that chose the category
    follow(s, system, points)
    return s


@kernel
def _show(s: State, points: NDArray[np.float64], view: int, patches: bool, pixels: NDArray[np.uint8]) -> None:
    """Draw one picture [size, size, 3]."""
    fit(points)
    box = (-SLOPE, SLOPE, -SLOPE, SLOPE)
    stamp(s, project(points, view), box, 0, (False, False), patches, pixels)


@register
@dataclass(frozen=True, kw_only=True)
class ExFractal(FractalCategories):
    """Gray fractals of space in a thousand categories, each seen from twelve sides.

    The params of a picture are ``maps`` and ``view``, 0 … 11: by how many twelfths of a turn the fractal is
    turned. Its attractor has three coordinates: x to the right, y up and z towards the eye in view 0.
    """

    name: ClassVar[str] = "exfractal"
    source: ClassVar[str] = (
        "Kataoka et al., Replacing Labeled Real-image Datasets with Auto-generated Contours, CVPR 2022"
    )
    dimensions: ClassVar[int] = 3
    precision: ClassVar[type] = np.float64

    points: Annotated[int, Range(1000, 10_000_000)] = 10_000
    """Points of the attractor."""

    @property
    def variations(self) -> Sequence[int]:
        """Number of views of a category."""
        return (VIEWS,)

    def follow(
        self, seed: int, category: int, variation: list[int], points: Points
    ) -> tuple[State, dict[str, Param]]:
        """Fill the points of a picture, which follow from its category and seed."""
        system = find_category(search, self.categories_seed, category)
        return _follow_instance(seed, system, points), {"maps": len(system), "view": variation[0]}

    def show(self, s: State, points: Points, variation: list[int], pixels: NDArray[np.uint8]) -> None:
        """Stamp the points as they are seen."""
        _show(s, points, variation[0], self.stamp == "patch", pixels)
