"""Views: pictures of one scene that differ in what should not matter, by default in the part that is seen."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from patterngen.families.model.pictures import Pictures
from patterngen.kernels.jit import kernel
from patterngen.limits import MAX_SIZE
from patterngen.rng import below, stream

SPARE = 4
"""A picture that views are cut from is longer than them by one part of so many."""
_SALT = 0xD1B54A32D192ED03  # odd; a family starts its random numbers from the seed itself


def longer(side: int) -> int:
    """Return the side of a picture from which views with a side of so many pixels are cut."""
    return min(side + -(-side // SPARE), MAX_SIZE)


def crops(
    seeds: Sequence[int], pictures: Sequence[Pictures], height: int, width: int
) -> tuple[Pictures, ...]:
    """Cut view v of each seed, at a place of its own, from its picture in ``pictures[v]``.

    ``view``, ``view_top`` and ``view_left`` in the params say which view it is and where it was cut.
    """
    return tuple(
        _cut(np.asarray(seeds, np.uint64), number, whole, height, width)
        for number, whole in enumerate(pictures)
    )


def _cut(seeds: NDArray[np.uint64], view: int, whole: Pictures, height: int, width: int) -> Pictures:
    rows, columns = whole.pixels.shape[1:3]
    places = _places(seeds, view, rows - height + 1, columns - width + 1)
    pixels = np.empty((len(seeds), height, width, 3), np.uint8)
    for own, picture, (top, left) in zip(pixels, whole.pixels, places, strict=True):
        own[:] = picture[top : top + height, left : left + width]
    params = [
        {**drawn, "view": view, "view_top": top, "view_left": left}
        for drawn, (top, left) in zip(whole.params, places.tolist(), strict=True)
    ]
    return replace(whole, pixels=pixels, params=params)


@kernel
def view_seed(seed: int, view: int) -> int:
    """Return the seed of what one view has of its own."""
    return int(np.uint64(seed) ^ (np.uint64(view + 1) * np.uint64(_SALT)))


@kernel
def _places(seeds: NDArray[np.uint64], view: int, rows: int, columns: int) -> NDArray[np.int64]:
    """Draw the upper left corner of a view of each seed, [N, 2]."""
    places = np.empty((len(seeds), 2), np.int64)
    for n in range(len(seeds)):
        s = stream(view_seed(seeds[n], view))
        places[n, 0] = below(s, rows)
        places[n, 1] = below(s, columns)
    return places
