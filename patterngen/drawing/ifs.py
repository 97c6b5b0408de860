"""Iterated function systems: affine maps of the plane, and how random ones are drawn.

A system is float64 [N, 6]: rows (a, b, c, d, e, f) map (x, y) to (a·x + b·y + e, c·x + d·y + f).
"""

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel
from patterngen.numba_math import cos_sin
from patterngen.rng import State, below, uniform


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
        singular[i, 0], singular[i, 1] = first, second
    second = uniform(s, max(0.0, (most - 1.0) / 2.0), most / 3.0)
    singular[maps - 1, 0], singular[maps - 1, 1] = most - 2.0 * second, second
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
def fixed_point(system: NDArray[np.float64]) -> tuple[float, float]:
    """Return the point that map 1 keeps in place. If the map is contractive, it lies on the attractor."""
    a, b, c, d, e, f = system[0]
    det = (1.0 - a) * (1.0 - d) - b * c
    return ((1.0 - d) * e + b * f) / det, (c * e + (1.0 - a) * f) / det
