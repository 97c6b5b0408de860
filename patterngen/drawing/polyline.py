"""Closed polylines, one pixel wide, drawn over what is there.

The pixels of a line are those of Bresenham, "Algorithm for computer control of a digital plotter", IBM
Systems Journal 4 (1965): one per step along its longer axis, the nearest to the line on the other. So the
pixels of a closed polyline are joined: each touches the next by a side or a corner.
"""

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel

REACH = 4
"""Steps of the longest line drawn from a stencil. Contours of many vertices hardly have longer ones."""


@kernel
def _advance(k: int, distance: int, steps: int) -> int:
    """Return how far k of a line's steps lead along an axis on which all of them cover `distance`."""
    far = (2 * k * abs(distance) + steps) // (2 * steps)
    return far if distance >= 0 else -far


@kernel
def stencils(size: int) -> NDArray[np.int64]:
    """Return the pixels of every line of at most REACH steps, int64 [2·REACH + 1, 2·REACH + 1, REACH].

    Entry [REACH + dy, REACH + dx] holds their distances in a flat picture of `size` columns from the line's
    first pixel. A shorter line has its last pixel many times over, so that all take the same stores and the
    processor has no length to guess.
    """
    distances = np.empty((2 * REACH + 1, 2 * REACH + 1, REACH), np.int64)
    for dy in range(-REACH, REACH + 1):
        for dx in range(-REACH, REACH + 1):
            steps = max(abs(dx), abs(dy), 1)
            for k in range(REACH):
                j = min(k, steps)
                distances[REACH + dy, REACH + dx, k] = size * _advance(j, dy, steps) + _advance(j, dx, steps)
    return distances


@kernel
def _side(column: int, row: int, size: int) -> int:
    """Return a bit for each edge of the picture that a point lies beyond (Cohen and Sutherland's code)."""
    return int(column < 0) | int(column >= size) << 1 | int(row < 0) << 2 | int(row >= size) << 3


@kernel
def _draw_long(
    along: int, along_end: int, across: int, across_end: int, stride: int, step: int, size: int,
    shade: int, flat: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Draw the pixels inside the picture of a line but for its last, by steps along its longer axis.

    Args:
        along: where the line begins on its longer axis; `along_end` is where it ends.
        along_end: see `along`.
        across: where it begins on the other axis; `across_end` is where it ends.
        across_end: see `across`.
        stride: pixels of the flat picture from one place of the longer axis to the next.
        step: the same for the other axis.
        size: height and width of the picture.
        shade: the new value of the line's pixels.
        flat: uint8 [size · size].
    """
    steps = abs(along_end - along)
    forward = 1 if along_end > along else -1
    sideways = 1 if across_end > across else -1
    # Steps that lie in the picture on the longer axis; the other axis is looked at pixel by pixel.
    first = max(0, -along if forward > 0 else along - size + 1)
    last = min(steps, size - along if forward > 0 else along + 1)
    rise = 2 * abs(across_end - across)
    error = first * rise + steps
    across += sideways * (error // (2 * steps))
    error %= 2 * steps
    along += forward * first
    for _ in range(first, last):
        if 0 <= across < size:
            flat[along * stride + across * step] = shade
        error += rise
        over = error >= 2 * steps
        across += sideways if over else 0
        error -= 2 * steps if over else 0
        along += forward


@kernel
def draw_closed(
    columns: NDArray[np.int32],
    rows: NDArray[np.int32],
    shade: int,
    short: NDArray[np.int64],
    canvas: NDArray[np.uint8],
) -> None:
    """Draw the lines from each point to the next and from the last to the first.

    Args:
        columns: int32 [V], the points; they may lie outside the picture.
        rows: int32 [V].
        shade: the new value of the pixels.
        short: see `stencils`.
        canvas: uint8 [size, size], contiguous.
    """
    size = canvas.shape[0]
    flat = canvas.ravel()
    x, y = columns[-1], rows[-1]
    side = _side(x, y, size)
    for i in range(len(columns)):
        column, row = columns[i], rows[i]
        beyond = _side(column, row, size)
        dx, dy = column - x, row - y
        if side & beyond:
            pass  # both ends beyond one edge: out of sight
        elif not side | beyond and max(abs(dx), abs(dy)) <= REACH:
            distances = short[REACH + dy, REACH + dx]
            at = y * size + x
            for k in range(REACH):
                flat[at + distances[k]] = shade
        elif abs(dx) >= abs(dy):
            _draw_long(x, column, y, row, 1, size, size, shade, flat)
        else:
            _draw_long(y, row, x, column, size, 1, size, shade, flat)
        x, y, side = column, row, beyond
