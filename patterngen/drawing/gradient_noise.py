"""Gradient noise and its sums over octaves: the fields under `perlin` and `fbm`.

Perlin, "Improving noise", SIGGRAPH 2002: at every point of the integer lattice sits a gradient; within a
cell the four planes they span are blended by the quintic fade 6t⁵ − 15t⁴ + 10t³, so that the noise is zero
at lattice points and its first two derivatives are continuous. The lattice repeats every 256 cells.
"""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel
from patterngen.numba_math import cos_sin
from patterngen.rng import State, below

PERIOD = 256
"""Cells after which the noise repeats."""

HALF_WORD = 32767.0
"""A gradient of length 1 in a packed table, where each of its components is a signed 16-bit integer."""


@kernel
def lattice(s: State) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Draw a permutation of 0 … 255, written twice, [512]; return it with 256 unit gradients [256, 2]."""
    permutation = np.arange(2 * PERIOD)
    for i in range(PERIOD - 1, 0, -1):
        j = below(s, i + 1)
        permutation[i], permutation[j] = permutation[j], permutation[i]
    gradients = np.empty((PERIOD, 2))
    for i in range(PERIOD):
        permutation[PERIOD + i] = permutation[i]
        gradients[i, 0], gradients[i, 1] = cos_sin(i / PERIOD)
    return permutation, gradients


@kernel
def _fade(t: float) -> float:
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0)


@kernel
def noise(x: float, y: float, permutation: NDArray[np.int64], gradients: NDArray[np.float64]) -> float:
    """Return the noise at one point, in [−√½, √½]."""
    column = math.floor(x)
    row = math.floor(y)
    x -= column
    y -= row
    i = np.int64(column) & (PERIOD - 1)
    j = np.int64(row) & (PERIOD - 1)
    near = permutation[i] + j
    far = permutation[(i + 1) & (PERIOD - 1)] + j
    a = gradients[permutation[near]]
    b = gradients[permutation[far]]
    c = gradients[permutation[near + 1]]
    d = gradients[permutation[far + 1]]
    across = _fade(x)
    above = a[0] * x + a[1] * y
    above += across * (b[0] * (x - 1.0) + b[1] * y - above)
    under = c[0] * x + c[1] * (y - 1.0)
    under += across * (d[0] * (x - 1.0) + d[1] * (y - 1.0) - under)
    value: float = above + _fade(y) * (under - above)
    return value


@kernel
def _blend_across(
    corners: NDArray[np.float32],
    cell: NDArray[np.uint32],
    t: NDArray[np.float32],
    fade: NDArray[np.float32],
    blend: NDArray[np.float32],
) -> None:
    """Blend the gradients of one row of the lattice, corners [C, 2], along a row of pixels.

    At a height y above them, the planes of a pixel's two neighbours blend to blend[0] + y · blend[1].
    """
    flat, rise = blend[0], blend[1]
    for column in range(len(t)):
        near = cell[column]
        far = near + np.uint32(1)
        left = corners[near, 0] * t[column]
        right = corners[far, 0] * (t[column] - np.float32(1.0))
        flat[column] = left + fade[column] * (right - left)
        rise[column] = corners[near, 1] + fade[column] * (corners[far, 1] - corners[near, 1])


@kernel
def add_noise(
    field: NDArray[np.float32],
    amplitude: float,
    step: float,
    x0: float,
    y0: float,
    permutation: NDArray[np.int64],
    gradients: NDArray[np.float64],
) -> None:
    """Add amplitude · noise(x0 + step · column, y0 + step · row) to every pixel of a field [H, W].

    The blend across the cells is the same for all rows of pixels between two rows of the lattice, so it is
    made once for each row of the lattice. What is left per pixel is a sum of four numbers, read one after
    the other, with weights that depend on the row alone: it fills the processor's vector lanes.
    """
    height, width = field.shape
    t = np.empty(width, np.float32)
    fade = np.empty(width, np.float32)
    cell = np.empty(width, np.uint32)  # unsigned: an index that need not be checked for its sign
    first = np.int64(math.floor(x0))
    for column in range(width):
        x = x0 + step * column
        cell[column] = np.int64(math.floor(x)) - first
        t[column] = x - math.floor(x)
        fade[column] = _fade(x - math.floor(x))
    corners = np.empty((int(cell[-1]) + 2, 2), np.float32)
    columns = np.array([permutation[(first + k) & (PERIOD - 1)] for k in range(len(corners))])
    blends = np.empty((2, 2, width), np.float32)  # of even rows of the lattice, and of odd ones
    newest = np.int64(math.floor(y0)) - 1
    for row in range(height):
        y = y0 + step * row
        j = np.int64(math.floor(y))
        y -= math.floor(y)
        for lattice_row in range(max(newest + 1, j), j + 2):
            for k in range(len(corners)):
                hashed = permutation[columns[k] + (lattice_row & (PERIOD - 1))]
                corners[k, 0] = gradients[hashed, 0]
                corners[k, 1] = gradients[hashed, 1]
            _blend_across(corners, cell, t, fade, blends[lattice_row & 1])
        newest = j + 1
        under = amplitude * _fade(y)
        above = amplitude - under
        w0, w1 = np.float32(above), np.float32(above * y)
        w2, w3 = np.float32(under), np.float32(under * (y - 1.0))
        odd = j & 1
        flat0, rise0, flat1, rise1 = blends[odd, 0], blends[odd, 1], blends[1 - odd, 0], blends[1 - odd, 1]
        out = field[row]
        for column in range(width):
            near = w0 * flat0[column] + w1 * rise0[column]
            out[column] += near + (w2 * flat1[column] + w3 * rise1[column])


@kernel
def pack(permutation: NDArray[np.int64], gradients: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Return the gradients of all lattice points, uint32 [256 · 256], that of (i, j) at 256 · i + j.

    A gradient is one word, its x in the upper half: so a point that lies anywhere needs one look-up for each
    corner of its cell. Rounding moves a gradient's tip by less than 1/40 000.
    """
    words = np.empty(PERIOD, np.uint32)
    for k in range(PERIOD):
        x = np.int64(math.floor(gradients[k, 0] * HALF_WORD + 0.5))
        y = np.int64(math.floor(gradients[k, 1] * HALF_WORD + 0.5))
        words[k] = np.uint32((x & 0xFFFF) << 16 | (y & 0xFFFF))
    packed = np.empty(PERIOD * PERIOD, np.uint32)
    for i in range(PERIOD):
        for j in range(PERIOD):
            packed[PERIOD * i + j] = words[permutation[permutation[i] + j]]
    return packed


@kernel
def plane(word: np.uint32, x: np.float32, y: np.float32) -> np.float32:
    """Return HALF_WORD times the scalar product of a packed gradient and (x, y)."""
    gx = np.float32(np.int32(word) >> np.int32(16))
    gy = np.float32(np.int32(word << np.uint32(16)) >> np.int32(16))
    return gx * x + gy * y


@kernel
def _fade_single(t: np.float32) -> np.float32:
    return t * t * t * (t * (t * np.float32(6.0) - np.float32(15.0)) + np.float32(10.0))


@kernel
def add_moved_noise(
    field: NDArray[np.float32],
    amplitude: float,
    frequency: float,
    x0: float,
    y0: float,
    moved: NDArray[np.float32],
    packed: NDArray[np.uint32],
) -> None:
    """Add amplitude · noise to every pixel of a field [H, W], looked up where that pixel is moved to.

    In three sweeps over a row, because only the middle one, the look-ups, cannot fill the processor's vector
    lanes.

    Args:
        field: added to.
        amplitude: factor.
        frequency: cells across the longer side of the field.
        x0: where in the lattice the field's left edge lies.
        y0: where its top lies.
        moved: [2, H, W], see `fractal_noise`.
        packed: see `pack`.
    """
    height, width = field.shape
    step = frequency / max(height, width)
    scale = np.float32(amplitude / HALF_WORD)
    one = np.float32(1.0)
    wrap = np.uint32(PERIOD - 1)
    xs, ys = np.empty(width, np.float32), np.empty(width, np.float32)
    near_near, near_far = np.empty(width, np.uint32), np.empty(width, np.uint32)
    far_near, far_far = np.empty(width, np.uint32), np.empty(width, np.uint32)
    for row in range(height):
        across, down, out = moved[0, row], moved[1, row], field[row]
        top = y0 + step * row
        for n in range(width):
            x = x0 + step * n + frequency * across[n]
            y = top + frequency * down[n]
            column = np.floor(x)
            line = np.floor(y)
            xs[n] = x - column
            ys[n] = y - line
            i = np.uint32(np.int32(column))
            j = np.uint32(np.int32(line))
            near = (i & wrap) * np.uint32(PERIOD)
            far = ((i + np.uint32(1)) & wrap) * np.uint32(PERIOD)
            under = (j + np.uint32(1)) & wrap
            j &= wrap
            near_near[n] = near + j
            near_far[n] = near + under
            far_near[n] = far + j
            far_far[n] = far + under
        for n in range(width):
            near_near[n] = packed[near_near[n]]
            near_far[n] = packed[near_far[n]]
            far_near[n] = packed[far_near[n]]
            far_far[n] = packed[far_far[n]]
        for n in range(width):
            u, v = xs[n], ys[n]
            fade = _fade_single(u)
            upper = plane(near_near[n], u, v)
            upper += fade * (plane(far_near[n], u - one, v) - upper)
            lower = plane(near_far[n], u, v - one)
            lower += fade * (plane(far_far[n], u - one, v - one) - lower)
            out[n] += scale * (upper + _fade_single(v) * (lower - upper))
