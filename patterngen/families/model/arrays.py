"""What a family may give beside its pictures: fields, attractors, label maps and piano rolls as arrays."""

from abc import ABC
from collections.abc import Sequence
from typing import ClassVar, Literal, final

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.sizes import Size, picture_shape

ArrayName = Literal["label_map", "piano_roll"]
"""Names of the arrays that a dataset may hold beside its pictures."""
STORED: dict[ArrayName, type[np.generic]] = {"label_map": np.uint16, "piano_roll": np.float16}
"""Types in which datasets hold them: half as many bytes as in memory."""


class Arrays(ABC):
    """The arrays of a family: users call the final methods, and a family overrides the hook behind each."""

    name: ClassVar[str]

    def enclosing(self, height: int, width: int) -> int:
        """Return the side of the square that a rectangle is cut from; what cannot draw any overrides it."""
        return max(height, width)

    @final
    def field(self, seeds: Sequence[int], size: Size) -> NDArray[np.float32]:
        """Return the numbers that the pictures of some seeds are painted from.

        Args:
            seeds: N integers in [0, 2⁶³).
            size: pixels, as `draw` takes them.

        Returns:
            float32 [N, H, W], before any colour; the family says in which unit. Families with three
            fields per picture return [N, 3, H, W].

        Raises:
            PatternGenError: the family has none, or cannot draw this size.

        Example:
            >>> from patterngen import family
            >>> noise = family("simplex").field([7, 8], 64)
            >>> noise.shape, noise.dtype.name, bool(abs(noise).max() <= 1)
            ((2, 64, 64), 'float32', True)
        """
        return self.field_rectangle(seeds, *self._shape(size))

    def field_rectangle(self, seeds: Sequence[int], height: int, width: int) -> NDArray[np.float32]:
        """Return what `field` does: what a family overrides that has fields, and draws rectangles."""
        raise self._lacks("field")

    @final
    def attractor(self, seeds: Sequence[int], size: Size) -> NDArray[np.float32]:
        """Return the points of the attractors that the pictures of some seeds show.

        Args:
            seeds: N integers in [0, 2⁶³).
            size: pixels, as `draw` takes them; of a rectangle, the square it is cut from counts.

        Returns:
            float32 [N, P, 2], x to the right and y downwards, or [N, P, 3] in space: the coordinates on which
            the maps of the system act.

        Raises:
            PatternGenError: the family has none, or cannot draw this size.

        Example:
            >>> from patterngen import family
            >>> family("ofdb?points=5000").attractor([7], 64).shape
            (1, 5000, 2)
        """
        return self.attractor_square(seeds, self.enclosing(*self._shape(size)))

    def attractor_square(self, seeds: Sequence[int], size: int) -> NDArray[np.float32]:
        """Return what `attractor` does, of squares: what a family overrides that has attractors."""
        raise self._lacks("attractor")

    @final
    def label_map(self, seeds: Sequence[int], size: Size) -> NDArray[np.int32]:
        """Return which shape is seen at each pixel of the pictures of some seeds.

        Args:
            seeds: N integers in [0, 2⁶³).
            size: pixels, as `draw` takes them.

        Returns:
            int32 [N, H, W], in each picture all of 0 … one less than the shapes seen, 0 being on top.

        Raises:
            PatternGenError: the family has none, or cannot draw this size.

        Example:
            >>> from patterngen import family
            >>> leaves = family("dead-leaves-mixed")
            >>> labels = leaves.label_map([7], 64)
            >>> int(labels.max()) + 1 == leaves.draw([7], 64).params[0]["leaves"]
            True
        """
        return self.label_map_rectangle(seeds, *self._shape(size))

    def label_map_rectangle(self, seeds: Sequence[int], height: int, width: int) -> NDArray[np.int32]:
        """Return what `label_map` does: what a family overrides that has them, and draws rectangles."""
        raise self._lacks("label_map")

    @final
    def piano_roll(self, seeds: Sequence[int], size: Size) -> NDArray[np.float32]:
        """Return which pitches sound when in the pictures of some seeds.

        Args:
            seeds: N integers in [0, 2⁶³).
            size: pixels, as `draw` takes them.

        Returns:
            float32 [N, 96, W]: semitones from C1 (MIDI note 24) up by the columns of the picture. A tone
            that cannot be heard is 0, the loudest of a picture 1, one 25 decibels fainter ½.

        Raises:
            PatternGenError: the family has none, or cannot draw this size.

        Example:
            >>> from patterngen import family
            >>> family("spectro?scene=music").piano_roll([7, 8], (80, 208)).shape
            (2, 96, 208)
        """
        return self.piano_roll_rectangle(seeds, *self._shape(size))

    def piano_roll_rectangle(self, seeds: Sequence[int], height: int, width: int) -> NDArray[np.float32]:
        """Return what `piano_roll` does: what a family overrides that has them."""
        raise self._lacks("piano_roll")

    @classmethod
    def gives(cls, array: str) -> bool:
        """Tell whether this family gives an array, by the name of its method."""
        hook = ARRAYS[array]
        return getattr(cls, hook) is not getattr(Arrays, hook)

    @classmethod
    def check_gives(cls, array: str) -> None:
        """Raise PatternGenError, with the families that do, if this family does not give an array."""
        if not cls.gives(array):
            raise cls._lacks(array)

    def stored(self, array: ArrayName, seeds: Sequence[int], size: Size) -> NDArray[np.generic]:
        """Return an array of some seeds as datasets hold it: [N, …] of its type in `STORED`.

        Raises:
            PatternGenError: the family has none, cannot draw this size, or shows more than 65 536 shapes.
        """
        found: NDArray[np.generic] = getattr(self, array)(seeds, size)
        most = np.iinfo(np.uint16).max
        if array == "label_map" and found.max() > most:
            raise PatternGenError(f"{self.name}: a picture of more than {most + 1} shapes has no label map")
        return found.astype(STORED[array])

    def _shape(self, size: Size) -> tuple[int, int]:
        return picture_shape(size, f"{self.name}: size")

    @classmethod
    def _lacks(cls, array: str) -> PatternGenError:
        from patterngen.families import known_families  # not at the top: the registry imports this module

        having = [name for name, kind in known_families().items() if kind.gives(array)]
        return PatternGenError(f"{cls.name} has no {array}; these families have: {', '.join(having)}")


ARRAYS = {
    "field": "field_rectangle",
    "attractor": "attractor_square",
    "label_map": "label_map_rectangle",
    "piano_roll": "piano_roll_rectangle",
}
"""Arrays that a family may give beside its pictures, each with the method that it overrides to do so."""
