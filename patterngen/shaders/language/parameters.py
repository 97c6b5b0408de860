"""Parameters: numbers that a program leaves to whoever draws with it, and what it says of their ranges."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from patterngen.errors import PatternGenError

Value = tuple[float, ...]
"""The numbers of a parameter: one, or those of a vector; an int where GLSL wants one."""

COMPONENTS: Mapping[str, Sequence[str]] = {"vec2": ("x", "y"), "vec4": ("r", "g", "b", "a")}
"""What the numbers of a vector are called: those of a place, or of a colour."""

_MOST_INT = (1 << 31) - 1


@dataclass(frozen=True)
class Parameter:
    """A number, or a vector of them, that a program may be drawn with.

    Attributes:
        kind: type in GLSL: bool, int, float, vec2 or vec4.
        default: numbers that it has unless somebody sets them.
        ranges: lowest and highest value of each number; empty if the program says none.
        choices: whole numbers of which it is one; empty if it lies within `ranges`.
    """

    kind: str
    default: Value
    ranges: tuple[tuple[float, float], ...] = ()
    choices: Sequence[int] = ()

    def value(self, uniform: Sequence[float]) -> Value:
        """Return what it is at some numbers of [0, 1), as many as it has itself; float32, as it is given."""
        if self.choices:
            return (self.choices[int(uniform[0] * len(self.choices))],)
        if not self.ranges:
            return self.default
        drawn = zip(self.ranges, uniform, strict=False)
        return tuple(float(np.float32(low + (high - low) * u)) for (low, high), u in drawn)


def draw_values(parameters: Mapping[str, Parameter], seed: int) -> dict[str, Value]:
    """Draw the parameters of a picture, uniform in their ranges.

    Each follows from the seed and its own name alone, whatever others there are. One that has neither a range
    nor choices is left out.
    """
    return {
        name: parameter.value(_uniform(seed, name, len(parameter.default)))
        for name, parameter in parameters.items()
        if parameter.ranges or parameter.choices
    }


def flat_values(values: Mapping[str, Value], parameters: Mapping[str, Parameter]) -> dict[str, float | bool]:
    """Return the numbers of parameters by ``input.NAME``, those of vectors by ``input.NAME.x`` and so on."""
    found: dict[str, float | bool] = {}
    for name, value in values.items():
        kind = parameters[name].kind
        if kind in COMPONENTS:
            named = zip(COMPONENTS[kind], value, strict=True)
            found |= {f"input.{name}.{part}": number for part, number in named}
        else:
            found[f"input.{name}"] = bool(value[0]) if kind == "bool" else value[0]
    return found


def read_parameter(kind: str, entry: Mapping[str, Any]) -> Parameter:
    """Read what a program's head in JSON says of a parameter.

    A bool has both values, and the red, green and blue of a colour reach from 0 to 1, also where nothing is
    said; its alpha stays as it is.

    Args:
        kind: its type in GLSL.
        entry: ``DEFAULT``, ``MIN``, ``MAX`` and ``VALUES``, each of which may be missing.

    Raises:
        PatternGenError: a number is infinite, or too large for a whole one.
    """
    count = len(COMPONENTS.get(kind, "1"))
    default = _numbers(entry.get("DEFAULT"), count, kind)
    if kind == "bool":
        return Parameter(kind, default, choices=(0, 1))
    low, high = (entry.get(end) for end in ("MIN", "MAX"))
    if kind == "int" and (values := entry.get("VALUES")):
        return Parameter(kind, default, choices=tuple(int(_number(one, kind)) for one in values))
    if low is not None and high is not None:
        pairs = zip(_numbers(low, count, kind), _numbers(high, count, kind), strict=True)
        ranges = tuple((min(pair), max(pair)) for pair in pairs)
        if kind == "int":
            return Parameter(kind, default, choices=range(int(ranges[0][0]), int(ranges[0][1]) + 1))
        return Parameter(kind, default, ranges)
    if kind == "vec4":
        return Parameter(kind, default, (*[(0.0, 1.0)] * 3, (default[3], default[3])))
    return Parameter(kind, default)


def _numbers(said: Any, count: int, kind: str) -> Value:
    """Return so many numbers of one or a list; the last of a colour, its alpha, is 1 unless it is said."""
    given = said if isinstance(said, list) else [0 if said is None else said] * count
    numbers = [_number(number, kind) for number in given[:count]]
    return (*numbers, *[1.0 if kind == "vec4" else 0.0] * (count - len(numbers)))


def _number(said: Any, kind: str) -> float:
    number = float(said)
    if not math.isfinite(number) or (kind == "int" and abs(number) > _MOST_INT):
        raise PatternGenError(f"{said!r} is no {kind} of GLSL's")
    return {"bool": int(bool(number)), "int": int(number)}.get(kind, number)


def _uniform(seed: int, name: str, count: int) -> list[float]:
    """Return numbers of [0, 1) for a name."""
    words = np.random.SeedSequence([seed, *name.encode()]).generate_state(count, np.uint64)
    return [(int(word) >> 11) / (1 << 53) for word in words]
