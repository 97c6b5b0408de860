"""The registry: families by name, found by themselves.

A module of this package registers a family by decorating its class with `register`; nothing else has
to know of it. So does a module of another distribution that an entry point of the group
``patterngen.families`` names. Modules are imported at the first look-up, not when ``patterngen`` is imported.
"""

from collections.abc import Sequence
from typing import TypeVar

from patterngen.common.registry import Registry
from patterngen.families.model.contract import Family
from patterngen.families.model.guard import adopt
from patterngen.families.model.painted import PaintedField
from patterngen.families.model.pictures import Param, Pictures, blank
from patterngen.families.model.settings import Range
from patterngen.families.model.spec_parser import make_families
from patterngen.families.model.wrapper import Wrapper, spec_text

__all__ = [
    "Family",
    "PaintedField",
    "Param",
    "Pictures",
    "Range",
    "Wrapper",
    "blank",
    "family",
    "find",
    "known_families",
    "make",
    "origins",
    "register",
    "spec_text",
]

C = TypeVar("C", bound=type[Family])

_registry: Registry[Family] = Registry(
    "family", package=__name__, hint="patterngen list", plugins="patterngen.families", adopt=adopt
)
find = _registry.find
origins = _registry.origins


def register(cls: C) -> C:
    """Class decorator: make a family known by its name.

    Raises:
        PatternGenError: another family has that name.

    Examples:
        >>> from dataclasses import dataclass
        >>> from typing import ClassVar
        >>> import numpy as np
        >>> from patterngen import Family, Pictures, family, register
        >>> @register
        ... @dataclass(frozen=True, kw_only=True)
        ... class Flat(Family):
        ...     \"\"\"One gray.\"\"\"
        ...
        ...     name: ClassVar[str] = "flat"
        ...     version: ClassVar[int] = 1
        ...     source: ClassVar[str] = "an example"
        ...     gray: int = 128
        ...
        ...     def draw_rectangle(self, seeds, height, width):
        ...         pixels = np.full((len(seeds), height, width, 3), self.gray, np.uint8)
        ...         return Pictures(pixels, [{} for _ in seeds], np.zeros(len(seeds), np.int64))
        >>> family("flat?gray=7").draw([1, 2], 4).pixels[0, 0, 0].tolist()
        [7, 7, 7]
    """
    return _registry.register(cls)


def known_families() -> dict[str, type[Family]]:
    """Return every family by name, sorted: ours, those of plugins, and what was registered.

    Examples:
        >>> from patterngen import known_families
        >>> known_families()["perlin"].version >= 1
        True
    """
    return _registry.classes()


def family(text: str, settings: Sequence[str] = ()) -> Family:
    """Make a family from its text.

    Args:
        text: ``NAME?setting=value&setting=value``, or such a text after ``WRAPPER:``, in parentheses if its
            settings should not be mistaken for the wrapper's: ``smooth:(fbm?octaves=3)?tv=0.02``. Where a
            family has ``x_low`` and ``x_high``, ``x=value`` sets both.
        settings: ``NAME.setting=value`` each, as `make` takes them.

    Raises:
        PatternGenError: an unknown name or setting (the closest ones are offered), or a value that the
            setting does not accept.

    Examples:
        >>> from patterngen import family
        >>> clouds = family("fbm?octaves=3")
        >>> clouds.draw(seeds=[7, 8], size=32).pixels.shape
        (2, 32, 32, 3)
    """
    return make([text], settings)[0]


def make(texts: Sequence[str], settings: Sequence[str] = ()) -> list[Family]:
    """Make several families; each setting holds for all that bear its name and do not say otherwise.

    Raises:
        PatternGenError: as `family`; or a setting for a family that is not among them.
    """
    return make_families(texts, settings, find)
