"""Repairs of loose programs that change nothing in sound ones: each is an edit within its own lines.

- What is declared without a value gets zero, as it has in a browser, and drivers differ.
- ``out`` parameters become ``inout``: what a function leaves unwritten keeps the caller's value.
- A ternary that stands as a statement becomes the `if` it is meant as; its two branches need no one type.
- Words that newer versions of the language reserve get an underscore, functions of older ones today's name,
  and what a program calls by such a name of today's itself gets an underscore as well.
- Directives about versions and extensions, and default precisions, go: the renderer says them.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from patterngen.shaders.language.tokens import Edit, Token, blank, closing, ending, names, without_comments

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
_MACRO = re.compile(r"#\s*define\s+(\w+)\s+(\d+)\s*")
_CONSTANT = re.compile(r"\bconst int (\w+) = (\d+) ;")
_LONGEST = 1 << 14
"""Most characters of the value that an array or a structure is given."""
_IF = "if("
_GONE = re.compile(r"#[ \t]*(?:version|extension|line)\b")


def repairs(text: str, program: Sequence[Token]) -> Iterator[Edit]:
    """Yield all repairs of a program but those of its names."""
    words = [token for token in program if token.kind != "directive"]
    for token in program:
        if token.kind == "directive" and _GONE.match(token.text):
            yield blank(text, token.start, token.end)
    i, may_begin, heads = 0, True, list[bool]()
    constants = _constants(program)
    structs = _structs(words, constants)
    while i < len(words):
        word = words[i].text
        if word in ("struct", "uniform", "layout") and may_begin:  # members of a block take no value
            i = _behind_block(words, i)
            continue
        if word in ("case", "default") and may_begin:  # a label, and a statement behind its colon
            i = ending(words, i, (":", ";")) + 1
            continue
        if word == "out" and i and words[i - 1].text in ("(", ",", *_PRECISIONS):
            yield Edit(words[i].start, words[i].end, "inout")
        if may_begin:
            if word == "precision":
                end = ending(words, i, (";",))
                yield blank(text, words[i].start, words[min(end, len(words) - 1)].end)
            yield from _values(words, i, constants, structs)
            yield from _branches(words, i)
        before = words[i - 1].text if i else ""
        may_begin = word in (";", "{", "}", "else", "do") or (word == "(" and before == "for")
        if word == "(":
            heads.append(before in ("if", "for", "while"))
        elif word == ")" and heads:  # a statement follows upon the head of one
            may_begin = heads.pop()
        i += 1


def renamings(program: Sequence[Token]) -> Iterator[Edit]:
    """Yield the edits of names that have to be others."""
    own = {
        token.text
        for before, token in itertools.pairwise(program)
        if token.text in TODAY.values()
        and before.kind == "name"
        and before.text not in ("return", "else", "do")
    }
    others = TODAY | {word: f"{word}_" for word in (*_RESERVED, *own)}
    for token in names(program):
        if token.text in others:
            yield Edit(token.start, token.end, others[token.text])


def noted_repairs(text: str, edits: Iterable[Edit]) -> Iterator[str]:
    """Yield what of a program's repairs and renamings its author would want to know."""
    for edit in edits:
        old = text[edit.start : edit.end]
        if edit.text == f"{old}_":
            yield f"{old} is called {edit.text}, for it is a word of GLSL's own"
        elif edit.text == _IF:
            yield "a ternary that stands as a statement is an if"


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
    return found


def macros(program: Sequence[Token]) -> set[str]:
    """Return the names of a program's macros."""
    defines = (
        re.match(r"#[ \t]*define[ \t]+(\w+)", token.text) for token in program if token.kind == "directive"
    )
    return {define[1] for define in defines if define}


def _values(
    words: Sequence[Token], i: int, constants: Mapping[str, int], structs: Mapping[str, str]
) -> Iterator[Edit]:
    """Yield a zero for each variable, array or structure that is declared at a place without a value."""
    while i < len(words) and words[i].text in _PRECISIONS:
        i += 1
    if i + 1 >= len(words) or not (kind := _zero(words[i].text, structs)):
        return
    for name, behind, zero in _declarators(words, i, kind, constants):
        if words[name + 1].text == "(":  # a function
            return
        end = ending(words, name, (",", ";"))
        if end == len(words) or words[end].text not in (",", ";"):
            return
        if end == behind and zero:
            yield Edit(words[end - 1].end, words[end - 1].end, f"={zero}")


def _zero(kind: str, structs: Mapping[str, str]) -> str:
    """Return the zero of a type; nothing if it has none that is known."""
    return f"{kind}(0)" if _TYPE.fullmatch(kind) else structs.get(kind, "")


def _declarators(
    words: Sequence[Token], i: int, zero: str, constants: Mapping[str, int]
) -> Iterator[tuple[int, int, str]]:
    """Yield each name that the declaration at a place declares: its place, that behind it, its zero."""
    kind = words[i].text
    length, i = _length(words, i + 1, constants)
    while i + 1 < len(words) and words[i].kind == "name":
        own, behind = _length(words, i + 1, constants)
        count = own or length
        known = count >= 0 and not (own and length) and count * len(zero) <= _LONGEST
        array = f"{kind}[{count}]({','.join([zero] * count)})" if known and count else zero
        yield i, behind, array if known else ""
        end = ending(words, i, (",", ";"))
        if end == len(words) or words[end].text != ",":
            return
        i = end + 1


def _structs(words: Sequence[Token], constants: Mapping[str, int]) -> dict[str, str]:
    """Return the zeros of a program's structures, by their names."""
    found: dict[str, str] = {}
    for i in range(len(words) - 2):
        if words[i].text == "struct" and words[i + 2].text == "{":
            zeros, place, close = [], i + 3, closing(words, i + 2)
            while place < close:
                if words[place].text not in _PRECISIONS:
                    zero = _zero(words[place].text, found)
                    zeros += [
                        value and zero and value for *_, value in _declarators(words, place, zero, constants)
                    ]
                    place = ending(words, place, (";",))
                place += 1
            text = f"{words[i + 1].text}({','.join(zeros)})"
            if zeros and all(zeros) and len(text) <= _LONGEST:
                found[words[i + 1].text] = text
    return found


def _length(words: Sequence[Token], i: int, constants: Mapping[str, int]) -> tuple[int, int]:
    """Return the length of an array that brackets at a place give, and the place behind them.

    It is 0 if there are none, and −1 if it is not known.
    """
    if i >= len(words) or words[i].text != "[":
        return 0, i
    behind = closing(words, i) + 1
    said = words[i + 1].text if behind == i + 3 else ""
    length = int(said) if said.isdecimal() else constants.get(said, -1)
    return length or -1, behind


def _constants(program: Sequence[Token]) -> dict[str, int]:
    """Return the names of whole numbers in a program, macros or constants, and those numbers."""
    macros = [
        _MACRO.fullmatch(without_comments(token.text)) for token in program if token.kind == "directive"
    ]
    plain = " ".join(token.text for token in program if token.kind != "directive")
    pairs = [macro.groups() for macro in macros if macro] + _CONSTANT.findall(plain)
    return {name: int(number) for name, number in pairs}


def _branches(words: Sequence[Token], i: int) -> Iterator[Edit]:
    """Yield what makes `if` of the ternaries in a statement at a place: ``a = b, c ? d : e;``."""
    end = ending(words, i, (";", "{"))
    if end == len(words) or words[end].text != ";" or not _is_expression(words, i, end):
        return
    if words[i].text in ("return", "if", "for", "while", "switch", "case"):
        return
    if i and words[i - 1].text == "(":  # the head of a `for` has no room for statements
        return
    edits: list[Edit] = []
    found = False
    start = i
    while start < end:
        comma = _comma(words, start, end)
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


def _is_expression(words: Sequence[Token], i: int, end: int) -> bool:
    """Whether what stands between two places is an expression: no word follows upon another in one.

    So a declaration is none, nor `return x`, nor a statement behind the head of an `if` or of a macro's loop.
    """
    while i + 1 < end:
        operand = words[i].kind in ("name", "number")
        if words[i].text in ("(", "["):
            i, operand = closing(words, i), True
        i += 1
        if operand and i < end and words[i].kind in ("name", "number"):
            return False
    return True


def _comma(words: Sequence[Token], i: int, end: int) -> int:
    """Return the place of the next comma that stands in no branch of a ternary; the end if there is none."""
    depth = 0
    while i < end:
        i = ending(words, i, ("?", ":", ","))
        if i >= end or (words[i].text == "," and not depth):
            break
        depth += {"?": 1, ":": -1}.get(words[i].text, 0)
        i += 1
    return min(i, end)


def _branch(words: Sequence[Token], start: int, end: int) -> Iterator[Edit]:
    """Yield what makes an `if` of an expression that ends at a place, if it is a ternary."""
    question = ending(words, start, ("?", ",", ";", *_ASSIGNING))
    if question >= end or words[question].text != "?":
        return
    colon = _other_branch(words, question, end)
    if colon == end:
        return
    yield Edit(words[start].start, words[start].start, _IF)
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
