"""Which families a dataset draws, and in what shares.

A family is asked for as ``NAME[?setting=value&setting=value][=SHARE]``, or with a wrapper as
``WRAPPER:NAME…`` (see `patterngen.families.family`). Shares are weights: 1 unless given. A setting has
exactly one ``=`` (write ``%3D`` for one inside a value), so a second ``=`` in the last setting can only be
the share's: ``fbm?octaves=3=0.5`` is ``octaves=3`` with share 0.5.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import accumulate

from patterngen.dataset.classes import ClassRange, count_classes
from patterngen.errors import PatternGenError
from patterngen.families import Family, make, spec_text


@dataclass(frozen=True)
class Portion:
    """One family's part of a dataset."""

    family: Family
    weight: float
    """Weight as it was asked for, in proportion to the others."""
    share: float
    """Share of all pictures: the shares of a mixture add up to 1."""
    first_class: int
    """Added to the family's own class ids, so that each id means one thing in the dataset."""

    @property
    def label(self) -> str:
        """The family and its settings that differ from their defaults: `family(label)` makes it again."""
        return spec_text(self.family)

    @property
    def text(self) -> str:
        """What a user types for this portion."""
        return self.label if self.weight == 1 else f"{self.label}={repr(self.weight).removesuffix('.0')}"

    @property
    def identity(self) -> dict[str, object]:
        """Everything that decides which pixels this family draws, and how many of its pictures there are."""
        return {
            "family": self.family.name,
            "version": self.family.version,
            "settings": {**asdict(self.family), **self.family.inputs},  # type: ignore[call-overload]
            "share": self.share,
        }


@dataclass(frozen=True)
class Mixture:
    """The families of a dataset."""

    portions: tuple[Portion, ...]
    cumulative: tuple[float, ...]

    @property
    def classes(self) -> tuple[ClassRange, ...]:
        """Which class ids of the dataset are whose."""
        return tuple(ClassRange(p.label, p.first_class, p.family.num_classes) for p in self.portions)

    @property
    def num_classes(self) -> int:
        """Number of classes of all families together."""
        return count_classes(self.classes)

    def pick(self, u: float) -> int:
        """Choose a portion by a number u from U[0, 1)."""
        return min(bisect_right(self.cumulative, u), len(self.portions) - 1)


def split_share(text: str) -> tuple[str, float]:
    """Split ``NAME[?settings][=SHARE]`` into the family's text and its share.

    Raises:
        PatternGenError: the share is not a positive number.
    """
    head, mark, last = text.rpartition("&") if "&" in text else text.rpartition("?")
    pieces = last.split("=", 2 if mark else 1)
    if len(pieces) <= (2 if mark else 1):
        return text, 1.0
    share = _positive(pieces[-1])
    if share is None:
        raise PatternGenError(f"family {text!r}: its share {pieces[-1]!r} is not a number above 0")
    return head + mark + "=".join(pieces[:-1]), share


@lru_cache(maxsize=64)
def mixture(texts: Sequence[str], settings: Sequence[str] = ()) -> Mixture:
    """Make the families of a dataset from what the user typed.

    Args:
        texts: families with shares.
        settings: ``NAME.setting=value`` each, for all families of that name that do not say otherwise.

    Raises:
        PatternGenError: no family, an unknown one or setting, a share that is not a positive number, one
            family twice, or a setting for a family that is not among them.
    """
    if not texts:
        raise PatternGenError("no family to draw: name one or more (`patterngen list` shows them)")
    asked = [split_share(text) for text in texts]
    total = sum(weight for _, weight in asked)
    portions: list[Portion] = []
    first_class = 0
    for family, (_, weight) in zip(make([text for text, _ in asked], settings), asked, strict=True):
        portion = Portion(family, weight, weight / total, first_class)
        if portion.label in (other.label for other in portions):
            raise PatternGenError(f"family {portion.label!r} is asked for twice: add its shares up")
        portions.append(portion)
        first_class += portion.family.num_classes
    return Mixture(tuple(portions), tuple(accumulate(portion.share for portion in portions)))


def _positive(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value > 0 and math.isfinite(value) else None
