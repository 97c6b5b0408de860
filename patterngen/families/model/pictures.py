"""A batch of drawn pictures, room for one, and the middles of some."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from patterngen.notebook import MOST_PICTURES, heading, picture_sheet
from patterngen.shaders.language.excluded import FailedProgram
from patterngen.shaders.language.noted import NotedProgram

A = TypeVar("A", bound=np.generic)

Param = str | int | float | bool
"""A value that fits a flat JSON object."""


@dataclass(frozen=True)
class Pictures:
    """A batch of drawn pictures and how each came to be.

    Attributes:
        pixels: uint8 [N, H, W, 3], RGB, row 0 on top.
        params: N flat dicts: the parameters that were drawn for each picture.
        class_id: int64 [N], 0 … num_classes − 1 of the family that drew them.
        sources: texts of programs that were written for these pictures, by the names of the files in which a
            dataset keeps them; empty for a family whose programs come with it.
        failed: programs that were given up while these pictures were drawn. The pictures are those of the
            family `without` them; whoever draws on excludes them, and need not find out again.
        noted: what was done to the programs that their authors would want to know, such as noise in place
            of a texture.

    Examples:
        >>> from patterngen import family
        >>> pictures = family("dead-leaves-squares").draw(seeds=range(4), size=32)
        >>> pictures.pixels.shape, pictures.pixels.dtype, len(pictures.params), pictures.class_id.tolist()
        ((4, 32, 32, 3), dtype('uint8'), 4, [0, 0, 0, 0])
    """

    pixels: NDArray[np.uint8]
    params: Sequence[dict[str, Param]]
    class_id: NDArray[np.int64]
    sources: Mapping[str, str] = field(default_factory=dict)
    failed: Sequence[FailedProgram] = ()
    noted: Sequence[NotedProgram] = ()

    def _repr_html_(self) -> str:
        """Show the first pictures in a notebook, each with its parameters while a pointer rests on it."""
        count, height, width = self.pixels.shape[:3]
        some = f"the first {MOST_PICTURES} of " if count > MOST_PICTURES else ""
        captions = (
            (f"{i}", "; ".join(f"{name}: {value}" for name, value in params.items()))
            for i, params in enumerate(self.params)
        )
        title = heading(f"{some}{count} pictures", f"{height} × {width} pixels")
        return title + picture_sheet(self.pixels, captions)


def blank(seeds: Sequence[int], height: int, width: int) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Return the seeds as uint64 [N] and room for their pictures, uint8 [N, height, width, 3]."""
    return np.asarray(seeds, np.uint64), np.empty((len(seeds), height, width, 3), np.uint8)


def center_crop(arrays: NDArray[A], height: int, width: int, axis: int = -2) -> NDArray[A]:
    """Return the middles of pictures or fields, whose rows are counted by an axis and columns by the next."""
    rows, columns = arrays.shape[axis], arrays.shape[axis + 1]
    top, left = (rows - height) // 2, (columns - width) // 2
    there = np.moveaxis(arrays, (axis, axis + 1), (0, 1))[top : top + height, left : left + width]
    return np.moveaxis(there, (0, 1), (axis, axis + 1))
