"""Which part of a program is compiled: its `#if`s are answered as where it was written for.

Brackets may balance in each branch alone, and two branches may each define a `main`: what is not compiled is
taken out before anything else looks at the text.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from patterngen.shaders.language.tokens import Edit, Token, blank, without_comments

_DIRECTIVE = re.compile(r"#[ \t]*(\w+)(.*)", re.DOTALL)
_DEFINE = re.compile(r"\s*([A-Za-z_]\w*)(\([^)]*\))?(.*)", re.DOTALL)
_WORD = re.compile(r"\s*(0[xX][0-9a-fA-F]+|\d+|\w+|\|\||&&|[=!<>]=|<<|>>|[-+*/%&|^~!<>()])[uU]?")
_OPERATIONS: Sequence[Mapping[str, Callable[[int, int], int]]] = (
    {"||": lambda a, b: a or b},
    {"&&": lambda a, b: a and b},
    {"|": operator.or_},
    {"^": operator.xor},
    {"&": operator.and_},
    {"==": operator.eq, "!=": operator.ne},
    {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge},
    {"<<": lambda a, b: a << (b & 31), ">>": lambda a, b: a >> (b & 31)},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.floordiv, "%": operator.mod},
)
"""Operators of two values, the loosest first."""
_SIGNS: Mapping[str, Callable[[int], int]] = {
    "-": operator.neg,
    "+": operator.pos,
    "~": operator.invert,
    "!": lambda a: int(not a),
}
_MOST_WORDS = 10_000
"""Longest condition, its macros put in."""
_DEPTH = 32
"""Macros within macros: one in terms of itself ends here."""


class UnansweredError(Exception):
    """A condition that only the driver can answer, such as one that calls a macro."""


@dataclass
class _Branch:
    """An `#if` that is not closed yet."""

    outside: bool
    """Whether the text around it is compiled."""
    active: bool
    over: bool
    """Whether one of its branches was compiled."""
    start: int
    """Where the text of its present branch begins."""


def predefined(text: str) -> dict[str, str]:
    """Return the macros that a program finds at home: in a browser, unless its version says not."""
    version = re.search(r"^[ \t]*#[ \t]*version[ \t]+(\d+)(?:[ \t]+(\w+))?", text, re.MULTILINE)
    modern = re.search(r"\bmainImage\b", text) is not None
    number = int(version[1]) if version else 300 if modern else 100
    macros = {"__VERSION__": str(number)}
    if number in (100, 300) or (version and version[2] == "es"):
        macros |= {"GL_ES": "1", "GL_FRAGMENT_PRECISION_HIGH": "1"}
    if number == 100:
        macros |= {"GL_OES_standard_derivatives": "1", "GL_EXT_shader_texture_lod": "1"}
    return macros | ({"HW_PERFORMANCE": "1"} if modern else {})


def inactive(text: str, program: Sequence[Token]) -> Iterator[Edit]:
    """Yield what takes the parts that are not compiled, and the conditions themselves, out of a program.

    A program of which a condition cannot be answered here is left to the driver as it is.
    """
    try:
        yield from list(_inactive(text, program))
    except UnansweredError:
        return


def _inactive(text: str, program: Sequence[Token]) -> Iterator[Edit]:
    macros: dict[str, str | None] = {**predefined(text)}
    open_branches: list[_Branch] = []
    for token in program:
        found = _DIRECTIVE.match(without_comments(token.text)) if token.kind == "directive" else None
        if found is None:
            continue
        name, rest = found[1], found[2].replace("\\\n", "  ")
        active = not open_branches or open_branches[-1].active
        defined = _DEFINE.match(rest) if active else None
        if name == "define" and defined:
            macros[defined[1]] = None if defined[2] else defined[3]
        if name == "undef" and defined:
            macros.pop(defined[1], None)
        if name in ("if", "ifdef", "ifndef"):
            holds = active and _holds(name, rest, macros)
            open_branches.append(_Branch(active, holds, holds, token.end))
            if active:
                yield blank(text, token.start, token.end)
        elif name in ("elif", "else", "endif") and open_branches:
            branch = open_branches[-1]
            if branch.outside:
                yield blank(text, token.start if branch.active else branch.start, token.end)
            branch.active = (
                branch.outside and not branch.over and name != "endif" and _holds(name, rest, macros)
            )
            branch.over |= branch.active
            branch.start = token.end
            if name == "endif":
                open_branches.pop()
    if open_branches:  # as the driver will say
        raise UnansweredError


def _holds(name: str, rest: str, macros: Mapping[str, str | None]) -> bool:
    """Answer the condition of a branch."""
    if name == "else":
        return True
    if name in ("ifdef", "ifndef"):
        return ("".join(rest.split()[:1]) in macros) == (name == "ifdef")
    words = list(islice(_expanded(_words(rest), macros), _MOST_WORDS))[::-1]
    try:
        value = _value(words, 0)
    except ArithmeticError:
        raise UnansweredError from None
    if words:
        raise UnansweredError
    return bool(value)


def _words(text: str) -> list[str]:
    words, place = [], 0
    text = text.rstrip()
    while place < len(text):
        found = _WORD.match(text, place)
        if found is None:
            raise UnansweredError
        words.append(found[1])
        place = found.end()
    return words


def _expanded(words: Sequence[str], macros: Mapping[str, str | None], depth: int = 0) -> Iterator[str]:
    """Yield the words of a condition with its macros put in, and what asks for one answered."""
    rest = iter(words)
    for word in rest:
        if word == "defined":
            name = next(rest, "")
            if name == "(":
                name = next(rest, "")
                next(rest, "")
            yield str(int(name in macros))
        elif word in macros:
            body = macros[word]
            if body is None or depth == _DEPTH:
                raise UnansweredError
            yield from _expanded(_words(body), macros, depth + 1)
        else:
            yield word


def _value(words: list[str], rank: int) -> int:
    """Take an expression off the end of its words, which stand last first; return its value."""
    if rank == len(_OPERATIONS):
        return _operand(words)
    value = _value(words, rank + 1)
    while words and words[-1] in _OPERATIONS[rank]:
        operation = _OPERATIONS[rank][words.pop()]
        value = int(operation(value, _value(words, rank + 1)))
    return value


def _operand(words: list[str]) -> int:
    word = words.pop() if words else ""
    if word in _SIGNS:
        return _SIGNS[word](_operand(words))
    if word == "(":
        value = _value(words, 0)
        if not words or words.pop() != ")":
            raise UnansweredError
        return value
    if word.isidentifier():
        return 0  # a name that is not defined
    try:
        return int(word, 0) if word[:2] in ("0x", "0X") else int(word)
    except ValueError:
        raise UnansweredError from None
