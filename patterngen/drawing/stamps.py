"""Points drawn as FractalDB draws them: each stamps a random 3 × 3 pattern in gray.

Kataoka et al., "Pre-training without Natural Images", IJCV 2022.
"""

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing.bulk_random import Key, draw_key, word_at
from patterngen.drawing.chaos_game import Window, mark
from patterngen.drawing.palette import lay
from patterngen.kernels.jit import kernel
from patterngen.rng import State

GRAY = 127


@kernel
def margin_of(size: int) -> int:
    """Return how many pixels FractalDB leaves free on every side of a picture: 6 of 362."""
    return int(size * (6.0 / 362.0) + 0.5)


@kernel
def framed(box: Window, inside: int, border: int) -> Window:
    """Enlarge a bounding box that `inside` pixels hold by `border` pixels on every side."""
    left, right, top, bottom = box
    across = (right - left) / np.float32(inside) if right > left else np.float32(1.0)
    down = (bottom - top) / np.float32(inside) if bottom > top else np.float32(1.0)
    far = np.float32(inside + border)
    near = np.float32(border)
    return left - near * across, left + far * across, top - near * down, top + far * down


@kernel
def _cover(hits: NDArray[np.uint8], key: Key, first: int, shades: NDArray[np.uint32]) -> None:
    """Overwrite a row [size] of a picture with 1 where the last pattern to reach a pixel sets it, else 0.

    Args:
        hits: 1 where a point lies, uint8 [3, size + 2]: that row and those above and below it, framed.
        key: of the bits of patterns.
        first: number of the row's first bit.
        shades: overwritten.
    """
    above, here, below = hits
    reach = np.empty(len(here), np.uint8)
    for i in range(len(reach)):
        reach[i] = above[i] | here[i] | below[i]
    for i in range(len(shades)):
        bit = np.uint8(word_at(key, first + i) >> np.uint32(31))
        shades[i] = (reach[i] | reach[i + 1] | reach[i + 2]) & bit


@kernel
def stamp(
    s: State,
    points: NDArray[np.float32],
    box: Window,
    margin: int,
    turned: tuple[bool, bool],
    patches: bool,
    pixels: NDArray[np.uint8],
) -> None:
    """Draw points in gray on black.

    Where patterns overlap the last one counts, bit by bit. Its bits are random and its own, and so is what
    is seen: every pixel that a pattern reaches is gray with probability one half. That is drawn, once for
    each pixel and not nine times for each point; only that no pattern is empty, one in 512, is not minded.

    Args:
        s: the random stream.
        points: float32 [2, P].
        box: that all lie in, and that fills the picture but for its margin.
        margin: pixels free on every side.
        turned: whether top and bottom, and left and right, change places.
        patches: whether points stamp patterns; else each is one pixel.
        pixels: uint8 [size, size, 3], overwritten.
    """
    size = len(pixels)
    hits = np.empty((size + 2, size + 2), np.uint8)
    mark(points, framed(box, size - 2 * margin, margin + 1), turned, hits)
    key = draw_key(s)
    shades = np.empty((size, size), np.uint32)
    for row in range(size):
        if patches:
            _cover(hits[row : row + 3], key, row * size, shades[row])
        else:
            shades[row] = hits[row + 1, 1 : size + 1]
    lay(shades.reshape(-1), np.array([0, GRAY * 0x010101], np.uint32), pixels.reshape(-1))
