"""The dialects in which programs are written elsewhere, and what the renderer gives to programs in each.

- **Shadertoy**: ``void mainImage(out vec4, in vec2)`` and the inputs iTime, iResolution and so on.
- **TwiGL**: a ``main`` of its own. *classic* and *geek* programs declare their inputs (resolution, time …, or
  r, t …), *geeker* ones are given them, *geekest* ones FC, the output o and helper functions too, and they
  are the body of a ``main`` if they have none. Each may be in GLSL ES 1.00 or 3.00, and have two outputs.
- **pattern**: the one that `patterngen.shaders.render.renderer` describes, in which our own programs are
  written.

Whatever its dialect, a program becomes GLSL 3.30: names that the renderer gives are variables in front of it,
and its lines stay lines of their own, so that the driver's words find their way back.
"""

import itertools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from patterngen.errors import PatternGenError, unknown_name
from patterngen.shaders.language.glsl import NOISE_SIZE
from patterngen.shaders.language.tokens import Edit, Token, blank, line_of, names

Dialect = Literal["pattern", "shadertoy", "classic", "geek", "geeker", "geekest"]
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)

_FRAME = "1.0 / 60.0"

_SHADERTOY = {
    "iResolution": ("vec3", "vec3(vec2(host_size), 1.0)"),
    "iTime": ("float", "host_time"),
    "iGlobalTime": ("float", "host_time"),
    "iTimeDelta": ("float", _FRAME),
    "iFrame": ("int", "host_count"),
    "iFrameRate": ("float", "60.0"),
    "iMouse": ("vec4", "vec4(0.0)"),
    "iDate": ("vec4", "vec4(2000.0, 0.0, 1.0, host_time)"),
    "iSampleRate": ("float", "44100.0"),
    "iChannelTime": ("float[4]", "float[4](host_time, host_time, host_time, host_time)"),
    "iChannelResolution": ("vec3[4]", f"vec3[4]({', '.join([f'vec3({NOISE_SIZE}, {NOISE_SIZE}, 1)'] * 4)})"),
    **{f"iChannel{k}": ("sampler2D", "noise") for k in range(4)},
}
_CLASSIC = {
    "resolution": ("vec2", "vec2(host_size)"),
    "mouse": ("vec2", "vec2(0.5)"),
    "time": ("float", "host_time"),
    "frame": ("float", "float(host_count)"),
    "sound": ("float", "0.0"),
    "backbuffer": ("sampler2D", "back0"),
    "backbuffer0": ("sampler2D", "back0"),
    "backbuffer1": ("sampler2D", "back1"),
}
_GEEK = {
    **{short: _CLASSIC[long] for short, long in zip("rmtfsb", _CLASSIC, strict=False)},
    "b0": _CLASSIC["backbuffer0"],
    "b1": _CLASSIC["backbuffer1"],
}
_GEEKER_OUTPUTS = ("outColor", "outColor0", "outColor1")
_GEEKEST_OUTPUTS = ("o", "o0", "o1")
_GEEKEST = _GEEK | {"FC": ("vec4", "host_coordinate")}

INPUTS: Mapping[Dialect, Mapping[str, tuple[str, str]]] = {
    "shadertoy": _SHADERTOY,
    "classic": {},
    "geek": {},
    "geeker": _GEEK,
    "geekest": _GEEKEST,
}
"""What programs of a dialect are given undeclared: types, and values in terms of the renderer's own names."""

DECLARABLE = _SHADERTOY | _CLASSIC | _GEEK
"""What any program may declare as a uniform."""

OUTPUTS: Mapping[Dialect, Sequence[str]] = {"geeker": _GEEKER_OUTPUTS, "geekest": _GEEKEST_OUTPUTS}
"""Outputs that a dialect gives undeclared."""

SECOND = ("o1", "outColor1")
"""Names of the second of two targets, among those."""

HELPERS = (
    *("PI", "PI2", "hsv", "rotate2D", "rotate3D", "fsnoise", "fsnoiseDigits"),
    *("snoise2D", "snoise3D", "snoise4D"),
)
"""Constants and functions that geeker and geekest programs are given: each a file of ``shaders/dialects``."""


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


def is_pattern(text: str) -> bool:
    """Whether a program is one of ours, by its one function."""
    return re.search(r"^[ \t]*vec3\s+pattern\s*\(", text, re.MULTILINE) is not None


def detect(program: Sequence[Token]) -> Dialect:
    """Tell the dialect of a program from what it defines, declares and uses.

    Raises:
        PatternGenError: it fits none.
    """
    functions = {a.text for a, b in _pairs(program) if b.text == "("}
    used = {token.text for token in names(program)}
    if "mainImage" in functions:
        return "shadertoy"
    if "main" not in functions:
        if used & {"FC", "gl_FragColor", "gl_FragCoord", *_GEEKEST_OUTPUTS}:
            return "geekest"
        raise PatternGenError(
            "defines none of pattern, mainImage and main, and is no body of a TwiGL program either"
        )
    uniforms = {name.text for _, name in _uniforms(program)}
    if uniforms & _CLASSIC.keys():
        return "classic"
    if uniforms & _GEEK.keys():
        return "geek"
    geekest = used & {"FC", *HELPERS} or (used & {*_GEEKEST_OUTPUTS} and "gl_FragColor" not in used)
    return "geekest" if geekest and not used & {*_GEEKER_OUTPUTS} else "geeker"


def declarations(text: str, program: Sequence[Token]) -> Declarations:
    """Take a program's uniforms and outputs out of its text.

    Raises:
        SyntaxRefusedError: a uniform that the renderer does not know, or of another type, or a varying.
    """
    words = [token for token in program if token.kind != "directive"]
    inputs: dict[str, tuple[str, str]] = {}
    edits: list[Edit] = []
    outputs: list[tuple[int, str]] = []
    for statement in _top_statements(words):
        said = [word.text for word in statement]
        if "uniform" in said:
            inputs |= _inputs(text, statement)
            edits.append(blank(text, statement[0].start, statement[-1].end))
        elif "out" in said and "(" not in said[said.index("out") :]:
            name = statement[-2]
            place = int(said[said.index("location") + 2]) if "location" in said else len(outputs)
            outputs.append((place, name.text))
            head = statement[said.index("out")]
            edits.append(blank(text, statement[0].start, head.end))
            edits.append(Edit(name.end, name.end, f"={said[-3]}(0)"))
        elif {"in", "varying"} & {*said[:2]} and "(" not in said:
            raise SyntaxRefusedError(
                line_of(text, statement[0].start),
                f"`{' '.join(said[:-1])}`: there is no vertex program; gl_FragCoord says where a pixel is",
            )
    ordered = tuple(name for _, name in sorted(outputs))
    return Declarations(inputs, ordered, tuple(edits))


def inputs_text(given: Mapping[str, tuple[str, str]]) -> str:
    """Return GLSL that declares what a program is given, in one line each."""
    return "".join(
        f"uniform sampler2D {name};\n" if kind == "sampler2D" else f"{kind} {name} = {value};\n"
        for name, (kind, value) in given.items()
    )


def _inputs(text: str, statement: Sequence[Token]) -> dict[str, tuple[str, str]]:
    """Look the names of a uniform declaration up."""
    found = {}
    kind = next(
        word.text
        for word in statement
        if word.text not in ("uniform", "highp", "mediump", "lowp") and word.kind == "name"
    )
    for name in _declared_names(statement):
        where = line_of(text, name.start)
        if name.text not in DECLARABLE:
            raise SyntaxRefusedError(
                where, str(unknown_name("uniform", name.text, DECLARABLE, "docs/shader-dialects.md"))
            )
        given = DECLARABLE[name.text]
        if given[0].partition("[")[0] != kind:
            raise SyntaxRefusedError(
                where, f"uniform {kind} {name.text}: it is a {given[0]} here; declare it so"
            )
        found[name.text] = given
    return found


def _declared_names(statement: Sequence[Token]) -> list[Token]:
    """Return the names that a declaration without values declares: each stands before `,`, `;` or `[`."""
    return [
        word
        for word, behind in itertools.pairwise(statement)
        if word.kind == "name" and behind.text in (",", ";", "[")
    ]


def _uniforms(program: Sequence[Token]) -> Iterator[tuple[Sequence[Token], Token]]:
    words = [token for token in program if token.kind != "directive"]
    for statement in _top_statements(words):
        if any(word.text == "uniform" for word in statement):
            for name in _declared_names(statement):
                yield statement, name


def _top_statements(words: Sequence[Token]) -> Iterator[Sequence[Token]]:
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


def _pairs(program: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    words = [token for token in program if token.kind != "directive"]
    return itertools.pairwise(words)


def check_dialect(name: str) -> Collection[str]:
    """Return the choices of a flag that names a dialect.

    Raises:
        PatternGenError: there is no dialect of this name.
    """
    choices = ("auto", *DIALECTS)
    if name not in choices:
        raise unknown_name("dialect", name, choices, "docs/shader-dialects.md")
    return choices
