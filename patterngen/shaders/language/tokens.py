"""The words of a GLSL program, and changes to its text that move none of its lines."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "number", "mark", "directive"]

_TOKEN = re.compile(
    r"""(?P<comment>//(?:\\\n|[^\n])*|/\*.*?(?:\*/|\Z))
    |(?P<directive>\#(?://(?:\\\n|[^\n])*|/\*.*?(?:\*/|\Z)|\\\n|[^\n])*)
    |(?P<number>(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?:[uUfF]|lf|LF)?)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<mark><<=|>>=|[-+*/%&|^=<>!]=|&&|\|\||\^\^|\+\+|--|<<|>>|[^\s\w])""",
    re.DOTALL | re.VERBOSE,
)
_COMMENT = re.compile(r"//(?:\\\n|[^\n])*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


@dataclass(frozen=True)
class Token:
    """A word of a program, and where it stands in the text."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the next character stands."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Edit:
    """Text that takes the place of what stands between two places; start = end inserts it."""

    start: int
    end: int
    text: str


def tokens(text: str) -> list[Token]:
    """Split a program into its words, without comments; a preprocessor directive is one word, with its."""
    return [
        Token(found.lastgroup, found[0], found.start())  # type: ignore[arg-type]
        for found in _TOKEN.finditer(text)
        if found.lastgroup != "comment"
    ]


def names(program: Iterable[Token]) -> Iterator[Token]:
    """Yield the names in a program, those within its directives too."""
    for token in program:
        if token.kind == "name":
            yield token
        elif token.kind == "directive":
            for found in _NAME.finditer(without_comments(token.text)):
                yield Token("name", found[0], token.start + found.start())


def without_comments(text: str) -> str:
    """Return a text with blanks in place of its comments."""
    return _COMMENT.sub(lambda comment: " " * len(comment[0]), text)


def closing(program: Sequence[Token], opening: int) -> int:
    """Return the place of the bracket that closes the one at a place; the number of words if none does."""
    depth = 0
    for i in range(opening, len(program)):
        depth += (program[i].text in ("(", "[", "{")) - (program[i].text in (")", "]", "}"))
        if not depth:
            return i
    return len(program)


def ending(program: Sequence[Token], start: int, marks: Collection[str]) -> int:
    """Return the place, from a place on, of the first of these marks that no bracket encloses.

    The bracket that encloses the place itself ends the search, too.
    """
    i = start
    while i < len(program):
        text = program[i].text
        if text in marks or text in (")", "]", "}"):
            return i
        i = closing(program, i) + 1 if text in ("(", "[", "{") else i + 1
    return len(program)


def blank(text: str, start: int, end: int) -> Edit:
    """Take text away and leave its line breaks."""
    return Edit(start, end, re.sub(r"[^\n]", " ", text[start:end]))


def line_of(text: str, place: int) -> int:
    """Return the line in which a place lies, counted from 1."""
    return text.count("\n", 0, place) + 1


def apply(text: str, edits: Iterable[Edit]) -> tuple[str, frozenset[int]]:
    """Change a text; return it with the lines that changed, counted from 1. Edits must not overlap."""
    changed = set()
    parts, place, line = [], 0, 1
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        assert edit.start >= place
        inside = text.count("\n", edit.start, edit.end)
        assert edit.text.count("\n") == inside
        line += text.count("\n", place, edit.start)
        changed |= set(range(line, line + inside + 1))
        parts += [text[place : edit.start], edit.text]
        place, line = edit.end, line + inside
    return "".join([*parts, text[place:]]), frozenset(changed)
