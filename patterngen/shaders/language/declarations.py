"""What a program declares of the renderer's, taken out of its text."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from patterngen.shaders.language.glsl import NOISE_SIZE
from patterngen.shaders.language.inputs import ACROSS, CLASSIC, DECLARABLE, SHORT, VARYINGS, Inputs
from patterngen.shaders.language.tokens import Edit, Token, blank, closing, line_of, without_comments

_QUALIFIERS = ("layout", "uniform", "varying", "in", "flat", "smooth", "centroid", "highp", "mediump", "lowp")
_ALIAS = re.compile(r"#\s*define\s+(\w+)\s+([A-Za-z_]\w*)\s*")
_SCALARS = ("float", "int", "uint", "bool")
_VECTORS = ("vec2", "vec3", "vec4", "ivec2", "ivec3", "uvec2", "uvec3")


class SyntaxRefusedError(Exception):
    """A program asks for what the renderer cannot give.

    Attributes:
        line: line of the program's text, counted from 1.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Declarations:
    """What a program declares of the renderer's, and the edits that take the declarations out of its text."""

    inputs: dict[str, tuple[str, str]]
    outputs: tuple[str, ...]
    """Names of the outputs it declares itself, the first target's first."""
    edits: tuple[Edit, ...]
    notes: tuple[str, ...] = ()
    """What is not known here, and what stands for it."""


def uniforms(program: Sequence[Token]) -> list[str]:
    """Return the names of a program's uniforms."""
    words = [token for token in program if token.kind != "directive"]
    return [
        name.text
        for statement in top_statements(words)
        if any(word.text == "uniform" for word in statement)
        for name, _ in _declarators(statement)
    ]


def declarations(text: str, program: Sequence[Token], *, across: bool = True) -> Declarations:
    """Take a program's uniforms, varyings and outputs out of its text.

    Args:
        text: the program.
        program: its words.
        across: whether a varying that is not known runs from 0 to 1 across the picture.

    Raises:
        SyntaxRefusedError: a varying that only a vertex program can give.
    """
    words = [token for token in program if token.kind != "directive"]
    declared = set(uniforms(program))
    known = {
        name: given
        for name, given in DECLARABLE.items()
        if name not in SHORT or not declared & CLASSIC.keys()
    }
    for size in declared:  # as glslViewer has it, beside each of its textures
        if size.endswith("Resolution") and size.removesuffix("Resolution") in declared:
            known[size] = "vec2", f"vec2({NOISE_SIZE})"
    unknown = "back0" if declared & CLASSIC.keys() else "noise"
    inputs: dict[str, tuple[str, str]] = {}
    edits: list[Edit] = []
    notes: list[str] = []
    outputs: list[tuple[int, str]] = []
    for statement in top_statements(words):
        said, plain = [word.text for word in statement], unbracketed(statement)
        if "uniform" in plain:
            found, left = _inputs(statement, known, unknown, _aliases(program, statement[0].start), notes)
            inputs |= found
            if found:
                cut = blank(text, statement[0].start, statement[-1].end)
                edits.append(Edit(cut.start, cut.end, left + cut.text if left else cut.text))
        elif "out" in plain:
            name = statement[-2]
            place = int(said[said.index("location") + 2]) if "location" in said else len(outputs)
            outputs.append((place, name.text))
            head = statement[said.index("out")]
            edits.append(blank(text, statement[0].start, head.end))
            edits.append(Edit(name.end, name.end, f"={said[-3]}(0)"))
        elif {"in", "varying"} & {*plain}:
            inputs |= _varyings(text, statement, ACROSS if across else {}, notes)
            edits.append(blank(text, statement[0].start, statement[-1].end))
    ordered = tuple(name for _, name in sorted(outputs))
    return Declarations(inputs, ordered, tuple(edits), tuple(notes))


def _inputs(
    statement: Sequence[Token], known: Inputs, unknown: str, aliases: Mapping[str, str], notes: list[str]
) -> tuple[dict[str, tuple[str, str]], str]:
    """Look the names of a uniform declaration up; return also the declaration of those that are left."""
    kind = _kind(statement)
    found, left = {}, []
    for token, array in _declarators(statement):
        name = aliases.get(token.text, token.text)
        value = _value(kind + ("[" if array.startswith("[") else ""), known.get(name))
        if value is not None:
            found[name] = value
        elif kind in _TEXTURES and not array:
            found[name] = kind, unknown if kind == "sampler2D" else _TEXTURES[kind]
            notes.append(f"{kind} {name} is {_CALLED[found[name][1]]}")
        else:
            left.append(f"{name}{array}")
            if "=" not in array:
                notes.append(f"uniform {kind} {name} is 0")
    return found, f"uniform {kind} {','.join(left)};" if left else ""


_TEXTURES = {"sampler2D": "noise", "samplerCube": "cube", "sampler3D": "volume"}
_CALLED = {"noise": "noise", "back0": "the last frame", "cube": "a cube", "volume": "noise in space"}


def _aliases(program: Sequence[Token], place: int) -> dict[str, str]:
    """Return the macros that stand for one name at a place, and which."""
    found = (
        _ALIAS.fullmatch(without_comments(token.text))
        for token in program
        if token.kind == "directive" and token.start < place
    )
    return {alias[1]: alias[2] for alias in found if alias}


def _value(kind: str, given: tuple[str, str] | None) -> tuple[str, str] | None:
    """Return what a uniform of a type is given; None if a browser would leave it 0."""
    if given is None:
        return None
    if given[0].partition("[")[:2] == kind.partition("[")[:2]:
        return given
    if given[0] in _SCALARS and kind in _SCALARS:
        return kind, f"{kind}({given[1]})"
    if given[0] in _VECTORS and kind in _VECTORS and "host_size" in given[1]:
        return kind, f"{kind}(vec4(vec2(host_size), 1.0, 1.0))"
    return None


def _varyings(
    text: str, statement: Sequence[Token], across: Mapping[str, str], notes: list[str]
) -> dict[str, tuple[str, str]]:
    """Give the names of a varying declaration values.

    Raises:
        SyntaxRefusedError: it has a type of which a place in the picture is none.
    """
    kind, found = _kind(statement), {}
    for name, array in _declarators(statement):
        if kind == VARYINGS.get(name.text, ("",))[0]:
            found[name.text] = VARYINGS[name.text]
        elif kind in across and not array:
            found[name.text] = kind, across[kind]
            notes.append(f"{kind} {name.text} runs from 0 to 1 across the picture")
        else:
            said = " ".join(word.text for word in statement[:-1])
            raise SyntaxRefusedError(
                line_of(text, statement[0].start),
                f"`{said}`: there is no vertex program; gl_FragCoord says where a pixel is",
            )
    return found


def _kind(statement: Sequence[Token]) -> str:
    """Return the type that a declaration names."""
    return next((word for word in unbracketed(statement) if word not in _QUALIFIERS), "")


def _declarators(statement: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    """Yield the names that a declaration declares, each with what follows it: ``[4]``, or its value."""
    depth = 0
    for i, (word, behind) in enumerate(itertools.pairwise(statement)):
        depth += (word.text in ("(", "[", "{")) - (word.text in (")", "]", "}"))
        first = i > 0 and (statement[i - 1].text == "," or statement[i - 1].kind == "name")
        if not depth and first and word.kind == "name" and behind.text in (",", ";", "[", "="):
            end = i + 1
            while end < len(statement) and statement[end].text not in (",", ";"):
                end = closing(statement, end) + 1 if statement[end].text in ("(", "[", "{") else end + 1
            yield word, " ".join(part.text for part in statement[i + 1 : end])


def unbracketed(statement: Sequence[Token]) -> list[str]:
    """Return the words of a statement that stand in no bracket."""
    found, i = [], 0
    while i < len(statement):
        found.append(statement[i].text)
        i = closing(statement, i) + 1 if statement[i].text in ("(", "[", "{") else i + 1
    return found


def top_statements(words: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield what stands outside all braces and ends with a semicolon."""
    depth, start = 0, 0
    for i, word in enumerate(words):
        if word.text == "{":
            depth += 1
        elif word.text == "}":
            depth -= 1
            start = i + 1
        elif word.text == ";" and depth <= 0:
            if i > start + 1:
                yield words[start : i + 1]
            start = i + 1
