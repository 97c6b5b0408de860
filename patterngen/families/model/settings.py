"""What the settings of a family may be: declared beside each field, checked in one place.

A field says its range in its annotation: ``points: Annotated[int, Range(1000, 100_000)] = 10_000``.
``patterngen list FAMILY`` shows it, `check_settings` keeps it, and the tests draw from all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.families.model.contract import Family

LARGEST_SIZE = 16384
"""Pixels across the largest picture drawn on the CPU; beyond it one batch no longer fits a small machine."""


@dataclass(frozen=True)
class Range:
    """The values a number may take: low … high, both included."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        """Whether a value lies inside; a NaN never does."""
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{_plain(self.low)} … {_plain(self.high)}"


@dataclass(frozen=True)
class Kind:
    """What one setting takes."""

    type: type
    """int, float, bool or str."""
    range: Range | None = None
    choices: tuple[object, ...] = ()
    """The only values it takes, if it is a Literal."""

    def __str__(self) -> str:
        return " | ".join(map(str, self.choices)) or self.type.__name__


@cache
def kinds(cls: type[Family]) -> Mapping[str, Kind]:
    """Read what each setting of a family takes off its annotations."""
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: _kind(hints[field.name]) for field in fields(cls)}  # type: ignore[arg-type]


def check_settings(family: Family) -> None:
    """Check each setting against its annotation, and that of two ends of a range the lower is not higher.

    The ends of a range are ``x_low`` and ``x_high``, or ``x_min`` and ``x_max``.

    Raises:
        PatternGenError: a value of another kind or outside its range, or two ends the wrong way round; it
            names the setting and the value.
    """
    known = kinds(type(family))
    for name, kind in known.items():
        value = getattr(family, name)
        told = f"{family.name}?{name}={value}: {name}"
        if kind.choices and value not in kind.choices:
            raise PatternGenError(f"{told} is one of {', '.join(map(str, kind.choices))}")
        accepted: Any = (int, float) if kind.type is float else kind.type
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind.type is not bool):
            raise PatternGenError(f"{told} is {kind.type.__name__}; give a value of that kind")
        if kind.range is not None and value not in kind.range:
            raise PatternGenError(f"{told} must lie in [{_plain(kind.range.low)}, {_plain(kind.range.high)}]")
    for low, high in (pair for name in known for pair in _ends(name) if pair[1] in known):
        a, b = getattr(family, low), getattr(family, high)
        if a > b:
            raise PatternGenError(f"{family.name}?{low}={a}&{high}={b}: {low} must not exceed {high}")


def blank(family: Family, seeds: Sequence[int], size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Return the seeds as uint64 [N] and room for their pictures, uint8 [N, size, size, 3].

    Raises:
        PatternGenError: a size that cannot be drawn.
    """
    if not 1 <= size <= LARGEST_SIZE:
        raise PatternGenError(f"{family.name}: cannot draw size {size}; give 1 … {LARGEST_SIZE} pixels")
    return np.asarray(seeds, np.uint64), np.empty((len(seeds), size, size, 3), np.uint8)


def _ends(name: str) -> list[tuple[str, str]]:
    """Return the name of a range's lower end with that of its upper end; nothing for other names."""
    pairs = (("_low", "_high"), ("_min", "_max"))
    return [(name, name.removesuffix(low) + high) for low, high in pairs if name.endswith(low)]


def _kind(hint: Any) -> Kind:
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        return Kind(type(choices[0]), choices=choices)
    # Of an Annotated, the first argument is the type and the rest what was said of it.
    plain, *said = get_args(hint) or (hint,)
    return Kind(plain, next((note for note in said if isinstance(note, Range)), None))


def _plain(number: float) -> str:
    """Write a number without an exponent while it stays short: 100000000 and 0.001, but 1e-09."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else f"{number:g}"
