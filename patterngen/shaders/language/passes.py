"""Passes: what a program draws, one after the other and each for the next to read, before its picture."""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_CALLS: Mapping[str, Callable[..., float]] = {
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "abs": abs,
    "sqrt": math.sqrt,
    "float": float,
    "int": int,
    "min": min,
    "max": max,
}
MAX_SIDE = 1 << 12
"""Most rows and columns of what a pass draws, unless the picture itself has more."""


@dataclass(frozen=True)
class Pass:
    """What one pass draws.

    Attributes:
        fills: names of the textures that it draws, none for one that draws the picture alone.
        width: number of columns, as a formula of WIDTH and HEIGHT, those of the picture, and of parameters.
        height: number of rows, likewise.
        deep: whether it is kept as numbers rather than bytes.
        text: fragment shader of its own; empty for that of the program.
        samplers: textures of that shader, as `patterngen.shaders.language.translate.Fragment` has them.
    """

    fills: tuple[str, ...] = ()
    width: str = "WIDTH"
    height: str = "HEIGHT"
    deep: bool = False
    text: str = ""
    samplers: Mapping[str, str] = field(default_factory=dict)

    def size(self, width: int, height: int, parameters: Mapping[str, float] | None = None) -> tuple[int, int]:
        """Return its columns and rows beside a picture's.

        Raises:
            ValueError: a formula is none.
        """
        most = max(MAX_SIDE, width, height)
        values = {**(parameters or {}), "WIDTH": width, "HEIGHT": height}
        sides = (_pixels(formula, values) for formula in (self.width, self.height))
        columns, rows = (max(1, min(most, int(side))) for side in sides)
        return columns, rows


def _pixels(formula: str, values: Mapping[str, float]) -> float:
    try:
        found = _value(ast.parse(formula.strip(), mode="eval").body, values)
        if math.isfinite(found):
            return found
    except (ArithmeticError, KeyError, SyntaxError, TypeError, ValueError):
        pass
    raise ValueError(f"{formula!r} is no size")


def _value(node: ast.expr, values: Mapping[str, float]) -> float:
    """Return the value of a formula; what is no arithmetic is a KeyError."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, values)
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _CALLS[name](*(_value(argument, values) for argument in args))
    raise KeyError(ast.dump(node))
