"""Conditions on a manifest's columns, typed by a user: ``tv < 0.03 and family != 'perlin'``.

Python's own parser reads the text, and what it finds is translated, part by part, to an Arrow expression.
Nothing is ever evaluated: a part that is not in `_translate` is refused.
"""

import ast
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from patterngen.errors import PatternGenError, unknown_name

MAX_LENGTH = 10_000
"""Characters of the longest condition; a deeper one could exhaust the parser."""

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: (
        a.cast(pa.float64(), safe=False) / b
    ),  # of two integers, Arrow's own quotient is an integer
}


@dataclass(frozen=True)
class Condition:
    """A condition on rows, and the columns that it looks at."""

    text: str
    expression: pc.Expression
    columns: tuple[str, ...]

    def holds(self, table: pa.Table) -> pa.Array:
        """Tell for each row of a table that has `columns` whether the condition holds: bool [N].

        Raises:
            PatternGenError: it compares a number with a text, or is not a condition but a number.
        """
        import pyarrow.dataset as ds

        try:
            column = ds.dataset(table).to_table(columns={"kept": self.expression})["kept"]
        except pa.ArrowException as error:
            raise self._refusal(" ".join(str(error).split())) from None
        if not pa.types.is_boolean(column.type):
            raise self._refusal("it gives a number for each picture, not yes or no")
        return column.combine_chunks()

    def _refusal(self, why: str) -> PatternGenError:
        return PatternGenError(f"--where {_shown(self.text)}: {why}")


def parse_where(text: str, known: Sequence[str]) -> Condition:
    """Read a condition: columns, numbers and quoted texts, compared, added, multiplied, joined.

    Understood are ``and or not``, ``< <= > >= == !=`` (also in chains), ``in`` with a list, ``+ − × ÷`` and
    parentheses.

    Args:
        text: what the user typed.
        known: the columns there are.

    Raises:
        PatternGenError: it cannot be read, names an unknown column, or holds anything else.
    """
    if len(text) > MAX_LENGTH:
        raise PatternGenError(f"--where: {len(text)} characters; at most {MAX_LENGTH} are read")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        columns: dict[str, None] = {}
        return Condition(text, _translate(tree, known, columns), tuple(columns))
    except OverflowError:
        raise PatternGenError(f"--where {_shown(text)}: a whole number has more than 64 bits") from None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        hint = " (compare with ==)" if "=" in text and "==" not in text else ""
        detail = getattr(error, "msg", None) or type(error).__name__
        raise PatternGenError(f"--where {_shown(text)} cannot be read: {detail}{hint}") from None


def _shown(text: str) -> str:
    """Quote a condition for a message, or its beginning."""
    return repr(text if len(text) <= 200 else f"{text[:199]}…")


def _translate(node: ast.expr, known: Sequence[str], columns: dict[str, None]) -> Any:
    def part(child: ast.expr) -> Any:
        return _translate(child, known, columns)

    match node:
        case ast.Name(id=name):
            if name not in known:
                raise unknown_name("column", name, known, "patterngen filter --help")
            columns[name] = None
            return pc.field(name)
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return pc.scalar(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return pc.negate(part(operand))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ~part(operand)
        case ast.BoolOp(op=op, values=values):
            return reduce(operator.and_ if isinstance(op, ast.And) else operator.or_, map(part, values))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _ARITHMETIC[type(op)](part(left), part(right))
        case ast.Compare(left=left, ops=ops, comparators=rights):
            lefts = [left, *rights]
            compared = [_compare(a, op, b, part) for a, op, b in zip(lefts, ops, rights, strict=False)]
            return reduce(operator.and_, compared)
    raise PatternGenError(f"--where: {ast.unparse(node)!r} is not understood; compare columns with values")


def _compare(left: ast.expr, op: ast.cmpop, right: ast.expr, part: Callable[[ast.expr], Any]) -> Any:
    if type(op) in _COMPARISONS:
        return _COMPARISONS[type(op)](part(left), part(right))
    if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.List | ast.Tuple | ast.Set):
        values = [item.value for item in right.elts if isinstance(item, ast.Constant)]
        if len(values) == len(right.elts):
            found = part(left).isin(values)
            return found if isinstance(op, ast.In) else ~found
    raise PatternGenError(f"--where: {ast.unparse(right)!r} is not a list of values, as `in` needs")
