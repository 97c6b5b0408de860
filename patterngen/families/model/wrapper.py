"""Families that make their pictures of other families' pictures: ``smooth:fbm``, ``mixup:perlin,fbm``."""

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from typing import ClassVar, Self
from urllib.parse import urlencode

from patterngen.common.spec_text import enclosed, split
from patterngen.errors import PatternGenError
from patterngen.families.model.contract import Family


@dataclass(frozen=True, kw_only=True)
class Wrapper(Family):
    """A family of families. A subclass is registered as any family, and named ``NAME:PART``.

    What it promises follows from its parts: its version is raised with theirs, it repeats everywhere if
    they all do, its seed group is their largest, and it is slow if one of them is.
    """

    many: ClassVar[bool] = False
    """Whether it takes several parts, ``NAME:PART,PART``, or one."""

    of: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(isinstance(inner, type(self)) for inner in _within(self.parts)):
            raise PatternGenError(f"{self.name}:{self.of}: {self.name} cannot stand within itself")
        # Equal families are equal settings, however they were typed.
        promises = {
            "of": ",".join(enclosed(spec_text(part)) for part in self.parts),
            "version": type(self).version + sum(part.version for part in self.parts),
            "repeats": min((part.repeats for part in self.parts), key=["per renderer", "everywhere"].index),
            "seed_group": max(part.seed_group for part in self.parts),
            "slow": any(part.slow for part in self.parts),
        }
        for name, value in promises.items():
            object.__setattr__(self, name, value)

    @cached_property
    def parts(self) -> tuple[Family, ...]:
        """The families whose pictures it takes."""
        from patterngen.families import family  # not at the top: the registry imports this module

        return tuple(family(text) for text in (split(self.of, ",") if self.many else [self.of]))

    @property
    def draws_rectangles(self) -> bool:
        """Whether all parts do."""
        return all(part.draws_rectangles for part in self.parts)

    def without(self, excluded: Iterable[str]) -> Self:
        """Return the same wrapper of parts that exclude these programs."""
        listed = tuple(excluded)
        other = copy(self)
        object.__setattr__(other, "parts", tuple(part.without(listed) for part in self.parts))
        return other

    @property
    def inputs(self) -> dict[str, str]:
        """Digests of the files of the parts, each setting with the place of its part."""
        return {
            f"{key} of {i}": value for i, part in enumerate(self.parts) for key, value in part.inputs.items()
        }

    @property
    def renderer(self) -> str:
        """The renderers of the parts."""
        return " + ".join(sorted({part.renderer for part in self.parts} - {"cpu"})) or "cpu"


def spec_text(family: Family) -> str:
    """Spell a family and its settings that differ from their defaults: `family` makes an equal one of it."""
    changed = {
        field.name: getattr(family, field.name)
        for field in fields(family)  # type: ignore[arg-type]
        if field.default is MISSING or getattr(family, field.name) != field.default
    }
    name = family.name
    if isinstance(family, Wrapper):
        name += f":{family.of}"
        changed.pop("of", None)
    return name + ("?" + urlencode(_paired(family, changed), errors="surrogateescape") if changed else "")


def _paired(family: Family, changed: dict[str, object]) -> dict[str, object]:
    """Write two ends of a range that are equal as one: ``gain=0.5`` for ``gain_low=0.5&gain_high=0.5``."""
    spelled: dict[str, object] = {}
    known = {field.name for field in fields(family)}  # type: ignore[arg-type]
    for key, value in changed.items():
        stem = key.removesuffix("_low").removesuffix("_high")
        ends = [getattr(family, stem + end, None) for end in ("_low", "_high")]
        spelled[stem if stem != key and ends == [value, value] and stem not in known else key] = value
    return spelled


def _within(parts: tuple[Family, ...]) -> Iterator[Family]:
    for part in parts:
        yield part
        if isinstance(part, Wrapper):
            yield from _within(part.parts)
