"""Iterated function systems: affine maps of the plane, sampled and followed.

A system is float64 [N, 6]: rows (a, b, c, d, e, f) map (x, y) to (a·x + b·y + e, c·x + d·y + f).
"""

import numpy as np
from numpy.typing import NDArray

from patterngen.families.palette import extent
from patterngen.kernels import State, below, bits, cos_sin, kernel, uniform

LANES = 64
"""Orbits followed side by side: enough to fill the vector lanes and to hide the wait for one map's result."""
SETTLING = 32
"""Steps not counted while the orbits, which start at one point, part."""


@kernel
def sample_singular_values(s: State, maps: int, factor: float) -> NDArray[np.float64]:
    """Draw singular values [maps, 2], 1 ≥ σ₁ ≥ σ₂ ≥ 0 in each row, with Σ σ₁ + 2σ₂ = factor.

    Source: Anderson & Farrell, "Improving Fractal Pre-training", WACV 2022, §3.2. Every range leaves the
    values still to be drawn a way to reach the factor; it must lie in [0, 3 · maps].
    """
    singular = np.empty((maps, 2))
    most = factor  # that this map may take, if the others take nothing
    least = factor - 3.0 * (maps - 1)  # that it must take, if the others take all they can
    for i in range(maps - 1):
        first = uniform(s, max(0.0, least / 3.0), min(1.0, most))
        least -= first
        most -= first
        second = uniform(s, max(0.0, least / 2.0), min(first, most / 2.0))
        least += 3.0 - 2.0 * second
        most -= 2.0 * second
        singular[i] = first, second
    second = uniform(s, max(0.0, (most - 1.0) / 2.0), most / 3.0)
    singular[maps - 1] = most - 2.0 * second, second
    return singular


@kernel
def sample_system(s: State, maps: int, factor: float) -> NDArray[np.float64]:
    """Draw a contractive system of `maps` maps whose singular values sum to the σ-factor.

    Each map is R(θ)·D₁·diag(σ₁, σ₂)·R(φ)·D₂ with turns θ, φ ~ U(−π, π) and D = diag(±1, ±1), then a shift
    b ~ U(−1, 1)². Source: Anderson & Farrell (2022).
    """
    singular = sample_singular_values(s, maps, factor)
    system = np.empty((maps, 6))
    for i in range(maps):
        ct, st = cos_sin(uniform(s, -0.5, 0.5))
        cp, sp = cos_sin(uniform(s, -0.5, 0.5))
        signs = below(s, 16)
        first = singular[i, 0] if signs & 1 else -singular[i, 0]
        second = singular[i, 1] if signs & 2 else -singular[i, 1]
        flip_x = 1.0 if signs & 4 else -1.0
        flip_y = 1.0 if signs & 8 else -1.0
        system[i, 0] = flip_x * (ct * first * cp - st * second * sp)
        system[i, 1] = flip_y * (-ct * first * sp - st * second * cp)
        system[i, 2] = flip_x * (st * first * cp + ct * second * sp)
        system[i, 3] = flip_y * (-st * first * sp + ct * second * cp)
        system[i, 4] = uniform(s, -1.0, 1.0)
        system[i, 5] = uniform(s, -1.0, 1.0)
    return system


@kernel
def _shares(system: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Return where in 0 … 2³² each map's share ends; shares are as |det|, the area a map fills."""
    ends = np.empty(len(system))
    total = 0.0
    for i in range(len(system)):
        # The floor keeps a system of which every map is flat: all its maps are then equally likely.
        total += max(abs(system[i, 0] * system[i, 3] - system[i, 1] * system[i, 2]), 1e-9)
        ends[i] = total
    return (ends / total * 4294967295.0).astype(np.uint32)


@kernel
def follow(s: State, system: NDArray[np.float64], points: NDArray[np.float32]) -> None:
    """Fill float32 [2, P] with points (x; y) of the system's attractor: the chaos game (Barnsley, 1988).

    Many orbits run in step, each choosing its maps with probability as |det|. They start at the fixed point
    of map 1, which lies on the attractor, so none of their points is off it.
    """
    a, b, c, d, e, f = system[0]
    det = (1.0 - a) * (1.0 - d) - b * c
    x = np.full(LANES, np.float32(((1.0 - d) * e + b * f) / det))
    y = np.full(LANES, np.float32((c * e + (1.0 - a) * f) / det))
    table = system.astype(np.float32).T.copy()
    ends = _shares(system)
    pick = np.empty(LANES, np.uint32)
    chosen = np.empty(LANES, np.uint32)
    count = points.shape[1]
    for start in range(-SETTLING * LANES, count, LANES):
        for lane in range(0, LANES, 2):
            word = bits(s)
            pick[lane] = word & np.uint64(0xFFFFFFFF)
            pick[lane + 1] = word >> np.uint64(32)
        chosen[:] = 0
        for k in range(len(ends) - 1):
            for lane in range(LANES):
                chosen[lane] += pick[lane] >= ends[k]
        for lane in range(LANES):
            k = chosen[lane]
            u = table[0, k] * x[lane] + table[1, k] * y[lane] + table[4, k]
            y[lane] = table[2, k] * x[lane] + table[3, k] * y[lane] + table[5, k]
            x[lane] = u
        if start >= 0:
            for lane in range(min(LANES, count - start)):
                points[0, start + lane] = x[lane]
                points[1, start + lane] = y[lane]


@kernel
def _bounds(values: NDArray[np.float32]) -> tuple[np.float32, np.float32]:
    """Return the least and the greatest value."""
    whole = len(values) // LANES * LANES
    least, most = extent(values[:whole].reshape(-1, LANES)) if whole else (values[0], values[0])
    for value in values[whole:]:
        least, most = min(least, value), max(most, value)
    return least, most


@kernel
def density(points: NDArray[np.float32], counts: NDArray[np.int32]) -> None:
    """Overwrite counts [H, W] with how many points fall on each pixel; the window is their bounding box."""
    height, width = counts.shape
    left, right = _bounds(points[0])
    top, bottom = _bounds(points[1])
    across = np.float32(width) / (right - left) if right > left else np.float32(0.0)
    down = np.float32(height) / (bottom - top) if bottom > top else np.float32(0.0)
    last_column, last_row = np.int32(width - 1), np.int32(height - 1)
    counts[:] = 0
    flat = counts.reshape(-1)
    place = np.empty(LANES, np.uint32)
    for start in range(0, points.shape[1], LANES):
        x = points[0, start : start + LANES]
        y = points[1, start : start + LANES]
        for i in range(len(x)):  # apart from the counting, so that it fills the vector lanes
            column = min(np.int32((x[i] - left) * across), last_column)
            row = min(np.int32((y[i] - top) * down), last_row)
            place[i] = row * np.int32(width) + column
        for i in range(len(x)):
            flat[place[i]] += 1
