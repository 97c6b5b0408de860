"""The dialects in which programs are written elsewhere, and how each is told from a program's text.

- **Shadertoy**: ``void mainImage(out vec4, in vec2)`` and the inputs iTime, iResolution and so on.
- **TwiGL**: a ``main`` of its own. *classic* and *geek* programs declare their inputs (resolution, time …, or
  r, t …), *geeker* ones are given them, *geekest* ones FC, the output o and helper functions too, and they
  are the body of a ``main`` if they have none. Each may be in GLSL ES 1.00 or 3.00, and have two outputs.
  Programs of GLSL Sandbox are *classic* ones.
- **book**: that of The Book of Shaders and glslViewer: a ``main`` that declares u_resolution, u_time …
- **isf**: the Interactive Shader Format: a ``main``, and a comment in JSON before it that says its inputs.
- **pattern**: the one that `patterngen.shaders.render.renderer` describes, in which our own programs are
  written.

Whatever its dialect, a program becomes GLSL 3.30: names that the renderer gives are variables in front of it,
and its lines stay lines of their own, so that the driver's words find their way back.
"""

import re
from collections.abc import Collection, Sequence

from patterngen.errors import PatternGenError, unknown_name
from patterngen.shaders.language.declarations import uniforms
from patterngen.shaders.language.inputs import (
    BOOK,
    CLASSIC,
    DIALECTS,
    HELPERS,
    OUTPUTS,
    SHORT,
    VARYINGS,
    Dialect,
)
from patterngen.shaders.language.tokens import Token, names, tokens, without_comments

_PATTERN = re.compile(r"^[ \t]*vec3\s+pattern\s*\(", re.MULTILINE)
_MENTION = re.compile(r"\bmain(?:Image)?\b")
_ALIAS = re.compile(r"#\s*define\s+(\w+)\s+main\s*")
_MAIN = re.compile(r"\bmain\s*\(\s*(?:void\s*)?\)")


def is_pattern(text: str) -> bool:
    """Whether a program is one of ours, by its one function, and nobody else's."""
    if _PATTERN.search(text) is None:
        return False
    program = tokens(text) if _MENTION.search(text) else ()  # words cost more than all else here
    return not has_main(program) and not has_image(program)


def has_main(program: Sequence[Token]) -> bool:
    """Whether a program has a ``main`` of its own, by this name or by that of a macro."""
    directives = [without_comments(token.text) for token in program if token.kind == "directive"]
    called = {"main"} | {alias[1] for text in directives if (alias := _ALIAS.fullmatch(text))}
    words = [token.text for token in program if token.kind != "directive"]
    plain = (" ".join(["main", *words[i + 1 : i + 4]]) for i, word in enumerate(words) if word in called)
    return any(map(_MAIN.search, (*plain, *directives)))


def has_image(program: Sequence[Token]) -> bool:
    """Whether a program names the function of Shadertoy's programs."""
    return any(token.text == "mainImage" for token in names(program))


def detect(program: Sequence[Token]) -> Dialect:
    """Tell the dialect of a program from what it defines, declares and uses.

    A ``main`` is what its author runs, whatever else there is.

    Raises:
        PatternGenError: it fits none.
    """
    used = {token.text for token in names(program)}
    if not has_main(program):
        if has_image(program):
            return "shadertoy"
        if used & {"FC", "gl_FragColor", "gl_FragCoord", *OUTPUTS["geekest"]}:
            return "geekest"
        raise PatternGenError(
            "defines none of pattern, mainImage and main, and is no body of a TwiGL program either"
        )
    declared = set(uniforms(program))
    if declared & CLASSIC.keys() or used & VARYINGS.keys():
        return "classic"
    if declared & BOOK.keys():
        return "book"
    if declared & SHORT:
        return "geek"
    geekest = used & {"FC", *HELPERS} or (used & {*OUTPUTS["geekest"]} and "gl_FragColor" not in used)
    return "geekest" if geekest and not used & {*OUTPUTS["geeker"]} else "geeker"


def check_dialect(name: str) -> Collection[str]:
    """Return the choices of a flag that names a dialect.

    Raises:
        PatternGenError: there is no dialect of this name.
    """
    choices = ("auto", *DIALECTS)
    if name not in choices:
        raise unknown_name("dialect", name, choices, "docs/shader-dialects.md")
    return choices
