"""The registry: families by name, found by themselves.

A module of this package registers a family by decorating its class with `register`; nothing else has
to know of it. So does a module of another distribution that an entry point of the group
``patterngen.families`` names. Modules are imported at the first look-up, not when ``patterngen`` is imported.
"""

from collections.abc import Sequence

from patterngen.common.registry import Registry
from patterngen.families.model.contract import Family, Param, Pictures, blank
from patterngen.families.model.guard import adopt
from patterngen.families.model.painted import PaintedField
from patterngen.families.model.settings import Range
from patterngen.families.model.spec_parser import make_families
from patterngen.families.model.wrapper import Wrapper, label

__all__ = [
    "Family",
    "PaintedField",
    "Param",
    "Pictures",
    "Range",
    "Wrapper",
    "blank",
    "families",
    "family",
    "find",
    "label",
    "make",
    "origins",
    "register",
]

_registry: Registry[Family] = Registry(
    "family", package=__name__, hint="patterngen list", plugins="patterngen.families", adopt=adopt
)
register = _registry.register
families = _registry.classes
find = _registry.find
origins = _registry.origins


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
    """
    return make([text], settings)[0]


def make(texts: Sequence[str], settings: Sequence[str] = ()) -> list[Family]:
    """Make several families; each setting holds for all that bear its name and do not say otherwise.

    Raises:
        PatternGenError: as `family`; or a setting for a family that is not among them.
    """
    return make_families(texts, settings, find)
