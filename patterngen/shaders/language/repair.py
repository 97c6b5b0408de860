"""Repairs of loose programs that change nothing in sound ones: each is an edit within its own lines.

- What is declared without a value gets zero: a program may count on it, and drivers differ.
- ``out`` parameters become ``inout``: what a function leaves unwritten keeps the caller's value.
- A ternary that stands as a statement becomes the `if` it is meant as; its two branches need no one type.
- Words that newer versions of the language reserve get an underscore, functions of older ones today's name.
- Directives about versions and extensions, and default precisions, go: the renderer says them.
"""

import re
from collections.abc import Iterator, Sequence

from patterngen.shaders.language.tokens import Edit, Token, blank, ending, names

TODAY = {
    "texture2D": "texture",
    "textureCube": "texture",
    "texture2DProj": "textureProj",
    "texture2DLod": "textureLod",
    "texture2DLodEXT": "textureLod",
    "texture2DGradEXT": "textureGrad",
    "gl_FragDepthEXT": "gl_FragDepth",
}
"""Functions and variables of older versions, and what they are called in GLSL 3.30."""

_RESERVED = (
    *("active", "centroid", "common", "filter", "flat", "hvec2", "hvec3", "hvec4", "noperspective"),
    *("packed", "partition", "patch", "resource", "row_major", "sample", "smooth", "subroutine", "superp"),
)

_TYPE = re.compile(r"float|int|uint|bool|[iub]?vec[234]|mat[234](?:x[234])?")
_PRECISIONS = ("highp", "mediump", "lowp")
_ASSIGNING = ("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=")
_GONE = re.compile(r"[ \t]*#[ \t]*(?:version|extension|line)\b")


def repairs(text: str, program: Sequence[Token]) -> Iterator[Edit]:
    """Yield all repairs of a program but those of its names."""
    words = [token for token in program if token.kind != "directive"]
    for token in program:
        if token.kind == "directive" and _GONE.match(token.text):
            yield blank(text, token.start, token.end)
    i, may_begin = 0, True
    while i < len(words):
        word = words[i].text
        if word in ("struct", "uniform", "layout") and may_begin:  # members of a block take no value
            i = _behind_block(words, i)
            continue
        if word == "out" and i and words[i - 1].text in ("(", ",", *_PRECISIONS):
            yield Edit(words[i].start, words[i].end, "inout")
        if may_begin:
            if word == "precision":
                end = ending(words, i, (";",))
                yield blank(text, words[i].start, words[min(end, len(words) - 1)].end)
            yield from _values(words, i)
            yield from _branches(words, i)
        may_begin = word in (";", "{", "}", "else") or (word == "(" and i > 0 and words[i - 1].text == "for")
        if word == ")" and not may_begin:
            may_begin = _heads_statement(words, i)
        i += 1


def renamings(program: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    """Yield the names that have to be others, and which."""
    today = TODAY | {word: f"{word}_" for word in _RESERVED}
    for token in names(program):
        if token.text in today:
            yield token, today[token.text]


def declared(program: Sequence[Token]) -> set[str]:
    """Return the names that a program itself gives to something outside all functions."""
    found, depth = set(), 0
    words = [token for token in program if token.kind != "directive"]
    for i, token in enumerate(words):
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if not depth and token.kind == "name" and i and words[i - 1].text != ".":
            follows = words[i + 1].text if i + 1 < len(words) else ""
            if follows in ("(", "=", ";", ",", "[") and words[i - 1].text not in ("=", "return"):
                found.add(token.text)
    for token in program:
        define = re.match(r"[ \t]*#[ \t]*define[ \t]+(\w+)", token.text)
        if token.kind == "directive" and define:
            found.add(define[1])
    return found


def _values(words: Sequence[Token], i: int) -> Iterator[Edit]:
    """Yield a zero for each variable that is declared at a place without a value."""
    while i < len(words) and words[i].text in _PRECISIONS:
        i += 1
    if i + 1 >= len(words) or not _TYPE.fullmatch(words[i].text) or words[i + 1].kind != "name":
        return
    if i + 2 < len(words) and words[i + 2].text == "(":  # a function
        return
    kind, i = words[i].text, i + 1
    while i < len(words) and words[i].kind == "name":
        end = ending(words, i, (",", ";"))
        if end == len(words) or words[end].text not in (",", ";"):
            return
        if end == i + 1:
            yield Edit(words[i].end, words[i].end, f"={kind}(0)")
        i = end + 1
        if words[end].text == ";":
            return


def _branches(words: Sequence[Token], i: int) -> Iterator[Edit]:
    """Yield what makes `if` of the ternaries in a statement at a place: ``a = b, c ? d : e;``."""
    end = ending(words, i, (";",))
    if (
        end == len(words)
        or words[end].text != ";"
        or words[i].text in ("return", "for", "if", "while", "case")
    ):
        return
    if i + 1 < end and words[i].kind == "name" and words[i + 1].kind == "name":  # a declaration
        return
    if i and words[i - 1].text == "(":  # the head of a `for` has no room for statements
        return
    edits: list[Edit] = []
    found = False
    start = i
    while start < end:
        comma = min(end, ending(words, start, (",", ";")))
        ternary = list(_branch(words, start, comma))
        found = found or bool(ternary)
        edits += ternary
        if comma < end:
            edits.append(Edit(words[comma].start, words[comma].end, ";"))
        start = comma + 1
    if found:
        yield Edit(words[i].start, words[i].start, "{")
        yield from edits
        yield Edit(words[end].end, words[end].end, "}")


def _branch(words: Sequence[Token], start: int, end: int) -> Iterator[Edit]:
    """Yield what makes an `if` of an expression that ends at a place, if it is a ternary."""
    question = ending(words, start, ("?", ",", ";", *_ASSIGNING))
    if question >= end or words[question].text != "?":
        return
    colon = _other_branch(words, question, end)
    if colon == end:
        return
    yield Edit(words[start].start, words[start].start, "if(")
    yield Edit(words[question].start, words[question].end, "){")
    yield from _branch(words, question + 1, colon)
    yield Edit(words[colon].start, words[colon].end, ";}else{")
    yield from _branch(words, colon + 1, end)
    yield Edit(words[end].start, words[end].start, ";}")


def _other_branch(words: Sequence[Token], question: int, end: int) -> int:
    """Return the place of the colon that belongs to a question mark; the end if there is none."""
    depth, i = 0, question
    while i < end:
        i = ending(words, i, ("?", ":", ";"))
        if i >= end:
            break
        depth += 1 if words[i].text == "?" else -1
        if not depth:
            return i
        i += 1
    return end


def _behind_block(words: Sequence[Token], i: int) -> int:
    """Return the place behind a declaration that may hold a block of members."""
    end = ending(words, i, (";",))
    return min(end + 1, len(words))


def _heads_statement(words: Sequence[Token], close: int) -> bool:
    """Whether a closing parenthesis ends the head of an `if`, `for` or `while`, and a statement follows."""
    depth = 0
    for i in range(close, -1, -1):
        depth += (words[i].text == ")") - (words[i].text == "(")
        if not depth:
            return i > 0 and words[i - 1].text in ("if", "for", "while")
    return False
