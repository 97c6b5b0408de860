"""Families that paint a scalar field: all but its kernel, said once."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Param, Pictures, blank

Seeds = NDArray[np.uint64]
"""Seeds of pictures, [N]."""
Field = NDArray[np.float32]
"""One field, [height, width], or several, [F, height, width]."""
Pixels = NDArray[np.uint8]
"""Pictures, [N, height, width, 3]."""
Numbers = NDArray[np.float64]
"""Numbers drawn for a picture, [K], or for several, [N, K]."""


@dataclass(frozen=True, kw_only=True)
class PaintedField(Family):
    """A family whose pictures are scalar fields, each looked up in a palette of its own."""

    numbers: ClassVar[tuple[str, ...]]
    """Names of the numbers drawn for each picture, which are its params."""

    @abstractmethod
    def fill(self, seeds: Seeds, fields: Field, pixels: Pixels) -> Numbers:
        """Fill the field of each seed, and paint it if there is a picture to be painted.

        `painter` makes a kernel that does so of one that fills a single field.

        Args:
            seeds: uint64 [N].
            fields: float32 [F, height, width], overwritten: that of seed n lies in ``fields[n % F]``. F is N
                if the fields are wanted, or 1 if only the pictures are.
            pixels: uint8 [N, height, width, 3], overwritten; or [0, …] if only the fields are wanted.

        Returns:
            float64 [N, K], the `numbers` drawn for each picture.
        """

    def draw_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Pictures:
        """Draw one picture per seed; see `Family.draw`."""
        streams, pixels = blank(seeds, height, width)
        drawn = self.fill(streams, np.empty((1, height, width), np.float32), pixels)
        params = [self.describe(row) for row in drawn.tolist()]
        return Pictures(pixels, params, self.classes(drawn))

    def field_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Field:
        """Return the fields that `draw` paints, float32 [N, height, width]; see `Family.field`."""
        streams, pixels = blank(seeds, height, width)
        fields = np.empty(pixels.shape[:3], np.float32)
        self.fill(streams, fields, pixels[:0])
        return fields

    def describe(self, drawn: list[float]) -> dict[str, Param]:
        """Return the params of a picture from the numbers drawn for it."""
        return dict(zip(self.numbers, drawn, strict=True))

    def classes(self, drawn: Numbers) -> NDArray[np.int64]:
        """Return the class of each picture, int64 [N], from the numbers drawn for them, float64 [N, K]."""
        return np.zeros(len(drawn), np.int64)
