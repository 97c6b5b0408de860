"""What the grammar is written in: kinds of expressions, and productions that make one of others."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Literal, TypeAlias

from patterngen.shaders.grammar.splitmix import SplitMix64


class Kind(Enum):
    """What an expression is; its value is GLSL's type of it."""

    PICTURE = "vec3 of a point"
    """The body of ``pattern``: from fields and tints to a colour."""
    FIELD = "float(vec2, float, vec4)"
    """A function of point, time and random numbers, about [-1, 1]."""
    TINT = "vec3(float, vec4)"
    """A function from a field's value to a colour."""
    PLANE = "vec2 of the frame"
    """The point, as all parts of one field see it."""
    POINT = "vec2"
    """The point, as one part of a field sees it."""
    VALUE = "float"
    """A number about [-1, 1]."""
    SHAPE = "float distance"
    """A signed distance, negative inside."""
    FIGURE = "float distance(vec2, float, vec4)"
    """A function of point, time and random numbers: the signed distance to one shape in the picture."""
    PLACE = "vec2 of a figure"
    """The point, as a figure sees it that stands somewhere in the picture."""

    @property
    def glsl(self) -> str:
        """The type of a variable that holds it."""
        return "vec2" if self in (Kind.PLANE, Kind.POINT, Kind.PLACE) else "float"


_SLOT = re.compile(r"\{([^{}]+)\}")
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)([#i]?)")

Library: TypeAlias = Literal[
    "cells",
    "field",
    "hash",
    "mosaic",
    "noise",
    "oklab",
    "orbit",
    "palette",
    "plane",
    "relief",
    "shape",
    "solid",
    "warp",
    "wave",
]
"""The files of ``shaders/lib/`` that programs of the grammar include."""


@dataclass(frozen=True)
class Production:
    """One way to make an expression of a kind.

    Attributes:
        name: what it makes, in words; the last is the name of its variable.
        makes: the kind of the result.
        takes: the kinds of its parts.
        code: GLSL in which slots in braces are filled: ``{0}`` with a part, ``{0.5..2}`` with a number from
            that range, ``{3..8#}`` with a whole one, ``{3..8i}`` with an int, and those of `_WORDS`. A
            production of a picture is several lines, every other an expression.
        cost: time of evaluating it once per pixel, without its parts, in tenths of a millisecond for 256²
            pixels on one core of a CPU.
        weight: how often it is taken, beside the others of its kind.
        uses: the file of the library that its functions are in.
        times: how often it evaluates each of its parts, at most.
    """

    name: str
    makes: Kind
    takes: tuple[Kind, ...]
    code: str
    cost: int
    weight: int = 2
    uses: tuple[Library, ...] = ()
    times: int = 1

    @property
    def recurs(self) -> bool:
        """Whether a part is of the kind that it makes."""
        return self.makes in self.takes

    @property
    def variable(self) -> str:
        """The name of the variable that holds its result: another than that of the function it calls."""
        last = self.name.split()[-1]
        return f"{last}_here" if f"{last}(" in self.code else last

    @cached_property
    def pieces(self) -> tuple[str | Callable[[SplitMix64], str], ...]:
        """The code, cut at its slots: text, slots of parts as they are, and what fills the others."""
        cut = _SLOT.split(self.code)
        return tuple(
            piece if n % 2 == 0 else f"{{{piece}}}" if piece.isdigit() else filler(piece)
            for n, piece in enumerate(cut)
        )

    def filled(self, rng: SplitMix64) -> str:
        """Return the code with every slot filled but those of its parts."""
        return "".join(piece if isinstance(piece, str) else piece(rng) for piece in self.pieces)


def filler(slot: str) -> Callable[[SplitMix64], str]:
    """Return what draws the filling of a slot that takes no part.

    Raises:
        ValueError: there is no such slot.
    """
    found = _NUMBER.fullmatch(slot)
    if found is None:
        if slot not in _WORDS:
            raise ValueError(f"slot {{{slot}}} is neither a range nor one of {', '.join(_WORDS)}")
        return _WORDS[slot]
    low, high, form = float(found[1]), float(found[2]), found[3]
    if not form:
        return lambda rng: decimal(rng.uniform(low, high))
    ending = ".0" if form == "#" else ""
    return lambda rng: f"{rng.whole(int(low), int(high))}{ending}"


def decimal(number: float) -> str:
    """Write a number with three decimals at most, and one at least."""
    text = f"{number:.3f}".rstrip("0")
    text = f"{text}0" if text.endswith(".") else text
    return "0.0" if text == "-0.0" else text


def _phase(rng: SplitMix64) -> str:
    """An angle that runs with time, from another start in each picture."""
    return f"{decimal(rng.uniform(0.15, 0.6))} * t + 6.283 * r.{rng.pick('xyzw')}"


def _shift(rng: SplitMix64) -> str:
    """A place far away, another in each picture: for fields that have no centre."""
    pair = rng.pick(("xy", "yz", "zw", "wx", "xz", "yw"))
    return f"{rng.whole(30, 90)}.0 * r.{pair} + {decimal(rng.uniform(0.01, 0.08))} * t"


def _centre(rng: SplitMix64) -> str:
    """A place not far from the middle, somewhat another in each picture."""
    pair = rng.pick(("xy", "yz", "zw", "wx"))
    x, y = (decimal(rng.uniform(-0.5, 0.5)) for _ in "xy")
    return f"vec2({x}, {y}) + 0.5 * (r.{pair} - 0.5)"


def _vary(rng: SplitMix64) -> str:
    """A factor about 1, another in each picture."""
    return f"(0.75 + 0.5 * r.{rng.pick('xyzw')})"


def _dye(rng: SplitMix64) -> str:
    """What the library's palettes follow from: the picture's own numbers, or numbers of the program's."""
    if rng.uniform(0.0, 1.0) < 0.3:
        return "r"
    return f"vec4({', '.join(decimal(rng.uniform(0.001, 0.999)) for _ in 'xyzw')})"


def _way(rng: SplitMix64) -> str:
    """A vector of length about 1."""
    x = rng.uniform(-1.0, 1.0)
    y = (1.0 - x * x) ** 0.5 * rng.pick((-1.0, 1.0))
    return f"vec2({decimal(x)}, {decimal(y)})"


_WORDS = {"phase": _phase, "shift": _shift, "centre": _centre, "vary": _vary, "dye": _dye, "way": _way}
