"""How pictures lie in what is drawn and read at once: below one another, programs together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel
from patterngen.shaders.language.glsl import CORNERS
from patterngen.shaders.language.translate import DEFAULT, Reading
from patterngen.sizes import Size, parse_pair

Column = tuple[int, list[tuple[int, int]]]
"""How many pictures one target takes, and in their order the programs and how many pictures of each."""


@dataclass(frozen=True)
class Canvas:
    """How a batch is drawn.

    Attributes:
        size: pixels of a picture: the side of a square, or height and width.
        samples: samples per pixel and axis; their mean is the pixel.
        dtype: ``"f1"`` for bytes, ``"f4"`` for the numbers before they are rounded to bytes.
        reading: how programs are read; its number of samples is the canvas's.
    """

    size: Size
    samples: int = 1
    dtype: Literal["f1", "f4"] = "f1"
    reading: Reading = DEFAULT

    def __post_init__(self) -> None:
        object.__setattr__(self, "reading", replace(self.reading, samples=self.samples))

    @property
    def height(self) -> int:
        """Rows of a picture."""
        return parse_pair(self.size)[0]

    @property
    def width(self) -> int:
        """Columns of a picture."""
        return parse_pair(self.size)[1]

    @property
    def samples_in_all(self) -> int:
        """Samples of a picture."""
        return self.height * self.width * self.samples**2

    @property
    def stride(self) -> int:
        """Rows from one picture to the next."""
        # An even number: the 2×2 blocks in which a GPU takes derivatives never reach into the next picture.
        return self.height + self.height % 2

    @property
    def kind(self) -> type[np.uint8] | type[np.float32]:
        """NumPy's type of the pixels."""
        return np.uint8 if self.dtype == "f1" else np.float32

    @property
    def opaque(self) -> int:
        """Value of a pixel's alpha that is 1."""
        return 255 if self.dtype == "f1" else 1

    @property
    def bytes(self) -> int:
        """Memory of one picture, RGBA."""
        return 4 * self.width * self.stride * np.dtype(self.kind).itemsize


def arrange(
    programs: Sequence[int], times: NDArray[np.float32], randoms: NDArray[np.float32], *, column: int
) -> tuple[list[Column], NDArray[np.float32]]:
    """Lay pictures into columns.

    Args:
        programs: the number of each picture's program; equal ones are adjacent.
        times: float32 [N].
        randoms: float32 [N, 4].
        column: the most pictures in one column.

    Returns:
        The columns, and the vertices, float32 [6 N, 6]: place in the column, time, random numbers.
    """
    columns = []
    for start in range(0, len(programs), column):
        part = programs[start : start + column]
        columns.append((len(part), [(number, len(list(run))) for number, run in groupby(part)]))
    tiles = np.arange(len(programs)) % column
    vertices = np.column_stack([tiles, times, randoms]).astype(np.float32)
    return columns, np.repeat(vertices, CORNERS, axis=0)


@kernel
def take_colours(
    rgba: NDArray[Any], order: NDArray[np.int64], opaque: int, out: NDArray[Any], sound: NDArray[np.bool_]
) -> None:
    """Copy pictures [K, stride, width, 4] without their fourth channel and surplus rows to out[order].

    Of each, sound[order] becomes whether all its colours are numbers: their alpha is `opaque`, or 0.
    """
    height, width = out.shape[1:3]
    for k in range(len(order)):
        sound[order[k]] = True
        for y in range(height):
            row, place = rgba[k, y].reshape(-1), out[order[k], y].reshape(-1)
            for x in range(width):
                place[3 * x] = row[4 * x]
                place[3 * x + 1] = row[4 * x + 1]
                place[3 * x + 2] = row[4 * x + 2]
                if row[4 * x + 3] != 0 and row[4 * x + 3] != opaque:
                    sound[order[k]] = False
