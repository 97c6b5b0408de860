"""What the settings of a family may be: declared beside each field, checked in one place.

A field says its range in its annotation: ``points: Annotated[int, Range(1000, 100_000)] = 10_000``.
``patterngen list FAMILY`` shows it, a family checks it when it is made, and the tests draw from all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from patterngen.errors import PatternGenError


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
class SettingType:
    """What one setting takes."""

    type: type
    """Type of the value: int, float, bool or str."""
    range: Range | None = None
    choices: tuple[object, ...] = ()
    """The only values it takes, if it is a Literal."""

    def __str__(self) -> str:
        return " | ".join(map(str, self.choices)) or self.type.__name__


@cache
def setting_types(cls: type) -> Mapping[str, SettingType]:
    """Read what each setting of a family takes off its annotations."""
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: _kind(hints[field.name]) for field in fields(cls)}


def check_settings(name: str, settings: Any) -> None:
    """Check each setting against its annotation, and that of two ends of a range the lower is not higher.

    The ends of a range are ``x_low`` and ``x_high``, or ``x_min`` and ``x_max``.

    Args:
        name: the name of the family, for messages.
        settings: a dataclass of annotated fields.

    Raises:
        PatternGenError: a value of another kind or outside its range, or two ends the wrong way round; it
            names the setting and the value.
    """
    known = setting_types(settings.__class__)
    for key, kind in known.items():
        value = getattr(settings, key)
        told = f"{name}?{key}={value}: {key}"
        if kind.choices and value not in kind.choices:
            raise PatternGenError(f"{told} is one of {', '.join(map(str, kind.choices))}")
        accepted: Any = (int, float) if kind.type is float else kind.type
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind.type is not bool):
            raise PatternGenError(f"{told} is {kind.type.__name__}; give a value of that kind")
        if kind.range is not None and value not in kind.range:
            raise PatternGenError(f"{told} must lie in [{_plain(kind.range.low)}, {_plain(kind.range.high)}]")
    for low, high in (pair for key in known for pair in _ends(key) if pair[1] in known):
        a, b = getattr(settings, low), getattr(settings, high)
        if a > b:
            raise PatternGenError(f"{name}?{low}={a}&{high}={b}: {low} must not exceed {high}")


def _ends(name: str) -> list[tuple[str, str]]:
    """Return the name of a range's lower end with that of its upper end; nothing for other names."""
    pairs = (("_low", "_high"), ("_min", "_max"))
    return [(name, name.removesuffix(low) + high) for low, high in pairs if name.endswith(low)]


def _kind(hint: Any) -> SettingType:
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        return SettingType(type(choices[0]), choices=choices)
    # Of an Annotated, the first argument is the type and the rest what was said of it.
    plain, *said = get_args(hint) or (hint,)
    return SettingType(plain, next((note for note in said if isinstance(note, Range)), None))


def _plain(number: float) -> str:
    """Write a number without an exponent while it stays short: 100000000 and 0.001, but 1e-09."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else f"{number:g}"
