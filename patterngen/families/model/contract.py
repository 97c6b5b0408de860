"""What every family of patterns promises to the rest of the house."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self, final

import numpy as np

from patterngen.errors import PatternGenError
from patterngen.families.model.arrays import ARRAYS, Arrays
from patterngen.families.model.pictures import Pictures, center_crop
from patterngen.families.model.settings import check_settings
from patterngen.sizes import CUT_FROM, Size


class Family(Arrays):
    """A kind of pattern: a frozen dataclass of its settings that draws pictures.

    A subclass draws in one of two methods: `draw_rectangle`, pictures of any height and width, or
    `draw_square`, squares alone; rectangles are then the middles of squares.

    The first line of the class's docstring says what one sees; ``patterngen list`` shows it. The settings
    are checked against their annotations when a family is made; a subclass that checks more in a
    ``__post_init__`` calls this one first. The picture of a seed depends on nothing but the settings, the
    excluded programs, the seed and the size: not on its neighbours in the batch, nor on the worker, the
    number of threads or the order of work. A program that fails while it draws counts as excluded, and
    `Pictures.failed` names it.

    Examples:
        >>> import numpy as np
        >>> from patterngen import Family, family
        >>> leaves = family("dead-leaves-squares")
        >>> isinstance(leaves, Family), leaves.name, leaves.num_classes
        (True, 'dead-leaves-squares', 1)
        >>> alone, among_others = leaves.draw([7], 32).pixels[0], leaves.draw([5, 6, 7], 32).pixels[2]
        >>> bool(np.array_equal(alone, among_others))
        True
    """

    name: ClassVar[str]
    """Name of the family, as users type it."""
    version: ClassVar[int]
    """Number raised whenever the same seed draws other pixels."""
    source: ClassVar[str]
    """Citation of where the pattern comes from."""
    repeats: ClassVar[Literal["everywhere", "per renderer"]] = "everywhere"
    """Reach of the promise that equal seeds give equal bytes: any machine, or only an equal renderer."""

    seed_group: ClassVar[int] = 1
    """Number of pictures in a row that share, in a job, all but the lower 32 bits of their seeds.

    What is dear to make, such as a network, then follows from ``seed >> 32`` and serves them all.
    """

    slow: ClassVar[bool] = False
    """Whether a picture takes a good part of a second or more: `preview` then draws it only when named."""

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            PatternGenError: a value of another kind or outside its range, or a range whose ends are the wrong
                way round; it names the setting and the value.
        """
        check_settings(self.name, self)

    def __init_subclass__(cls, **options: Any) -> None:
        """Refuse a family that cannot draw, or that takes the place of what is the same for all.

        Raises:
            PatternGenError: it overrides neither `draw_rectangle` nor `draw_square`, or a final method.
        """
        super().__init_subclass__(**options)
        if "name" not in vars(cls):  # what some families share
            return
        for method, hooks in _HOOKS.items():
            if method in vars(cls):
                raise PatternGenError(f"{cls.__name__}.{method} would hide a final method: call it {hooks}")
        squares, rectangles = Family.draw_square, Family.draw_rectangle
        if cls.draw_square is squares and cls.draw_rectangle is rectangles:
            raise PatternGenError(f"{cls.__name__} is no family: give it a {_HOOKS['draw']}")

    @final
    def draw(self, seeds: Sequence[int], size: Size) -> Pictures:
        """Draw one picture per seed.

        Args:
            seeds: N integers in [0, 2⁶³).
            size: pixels: the side of a square, or (height, width).

        Raises:
            PatternGenError: the family cannot draw this size, or something it needs is missing.

        Example:
            >>> from patterngen import family
            >>> family("spectro").draw([7, 8], (80, 208)).pixels.shape
            (2, 80, 208, 3)
        """
        return self.draw_rectangle(seeds, *self._shape(size))

    def draw_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Pictures:
        """Draw one picture per seed: what a family overrides that draws rectangles.

        A family of squares draws one around the rectangle, which is its middle. ``cut_from`` in the params is
        then the square's side.

        Args:
            seeds: N integers in [0, 2⁶³).
            height: 1 … `MAX_SIZE`, pixels.
            width: likewise.
        """
        side = self.enclosing(height, width)
        drawn = self.draw_square(seeds, side)
        if height == width == side:
            return drawn
        return replace(
            drawn,
            pixels=np.ascontiguousarray(center_crop(drawn.pixels, height, width, axis=1)),
            params=[{**params, CUT_FROM: side} for params in drawn.params],
        )

    def draw_square(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed, `size` pixels high and wide: what a family of squares overrides."""
        raise NotImplementedError

    @property
    def draws_rectangles(self) -> bool:
        """Whether pictures of any height and width are drawn as such, not cut from the middle of squares."""
        return type(self).draw_rectangle is not Family.draw_rectangle

    def without(self, excluded: Iterable[str]) -> Self:
        """Return the same family, excluding these shader programs, ``NAME@SHA256`` each, and no others.

        A seed whose program is excluded chooses another one. Most families draw with no programs: it is they
        themselves.
        """
        return self

    @final
    def draw_views(self, seeds: Sequence[int], size: Size, views: int = 2) -> tuple[Pictures, ...]:
        """Draw each scene several times: alike in what it shows, unlike in what should not matter.

        By default, views are parts of a larger picture. `spectro` also records the same sound anew: with
        other noise and background, at another level and range.

        Args:
            seeds: N integers in [0, 2⁶³).
            size: pixels of each view, as `draw` takes them.
            views: how many, 1 or more; view v of a seed is the same however many there are.

        Returns:
            A batch of N pictures for each view.

        Raises:
            PatternGenError: none are asked for, or the family cannot draw this size or one a quarter larger.

        Example:
            >>> from patterngen import family
            >>> first, second = family("spectro").draw_views([7, 8], (80, 208))
            >>> [params["scene"] for params in first.params] == [params["scene"] for params in second.params]
            True
        """
        if views < 1:
            raise PatternGenError(f"{self.name}: {views} views; give 1 or more")
        return self.views_rectangle(seeds, *self._shape(size), views)

    def views_rectangle(
        self, seeds: Sequence[int], height: int, width: int, views: int
    ) -> tuple[Pictures, ...]:
        """Return what `draw_views` does: what a family overrides that knows better than to cut."""
        from patterngen.families.model.views import crops, longer  # not at the top: it needs Numba

        whole = self.draw_rectangle(seeds, longer(height), longer(width))
        return crops(seeds, [whole] * views, height, width)

    @property
    def num_classes(self) -> int:
        """Number of natural categories; 1 if there are none."""
        return 1

    @property
    def inputs(self) -> Mapping[str, str]:
        """Digests of the user's files that decide what is drawn, by the settings that name them.

        In a job's identity they stand for the settings: a file may move, but not change.
        """
        return {}

    @property
    def renderer(self) -> str:
        """Name of what turns numbers into pixels: ``"cpu"``, or the name that OpenGL reports."""
        return "cpu"


_HOOKS = {
    "draw": "draw_rectangle(seeds, height, width) or draw_square(seeds, size)",
    "draw_views": "views_rectangle",
    **ARRAYS,
}
