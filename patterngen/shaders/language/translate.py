"""From a program in any dialect to the fragment shader that the driver compiles, line by line."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal

from patterngen.errors import PatternGenError
from patterngen.shaders.language import inputs
from patterngen.shaders.language.conditions import inactive
from patterngen.shaders.language.declarations import SyntaxRefusedError, declarations
from patterngen.shaders.language.dialects import detect, has_image, has_main, is_pattern
from patterngen.shaders.language.glsl import (
    CLIP,
    CLIP_AND_MARK,
    FOREIGN_CALL,
    FOREIGN_HEAD,
    FOREIGN_TAIL,
    FRAGMENT_HEAD,
    FRAGMENT_TAIL,
)
from patterngen.shaders.language.inputs import Dialect, Inputs, inputs_text
from patterngen.shaders.language.isf import ISF_MACROS, Head, has_head, has_vertex, read_head, vertex_edits
from patterngen.shaders.language.parameters import Parameter
from patterngen.shaders.language.passes import Pass
from patterngen.shaders.language.program import Program, read_program, shader_folder
from patterngen.shaders.language.repair import declared, macros, noted_repairs, renamings, repairs
from patterngen.shaders.language.shadertoy_parts import (
    Part,
    channel_inputs,
    drawn_by,
    parts_of,
    read_in_place,
)
from patterngen.shaders.language.tokens import Edit, Token, apply, names, tokens

FRAMES = 8
"""Frames of a program that reads its own last one, unless the user says otherwise."""

_RENDERER_NAMES = {
    "gl_FragCoord": "host_coordinate",
    "gl_FragColor": "host_color",
    "gl_FragData": "host_data",
    "dFdy": "host_dFdy",
    "main": "host_program",
}
"""What stands for OpenGL's own, because pictures lie below one another and rows count from the top."""


@dataclass(frozen=True)
class Reading:
    """How a program's text is taken.

    Attributes:
        dialect: name of the dialect, or ``auto`` to tell it from the text.
        samples: samples per pixel and axis; more than one only for the dialect ``pattern``.
        frames: how many frames lead to the picture of a program that reads its own last one.
        marking: whether a colour that is not a number becomes −1 instead of black.
    """

    dialect: Dialect | Literal["auto"] = "auto"
    samples: int = 1
    frames: int = FRAMES
    marking: bool = False


DEFAULT = Reading()
_FIRST, _BOTH = Pass(("back0",)), Pass(("back0", "back1"), deep=True)
"""What a program draws that has one target, or two."""


@dataclass(frozen=True)
class Fragment:
    """A fragment shader, and where the user's own lines are in it.

    Attributes:
        dialect: dialect that it was taken to be in.
        text: what the driver compiles.
        first: the line of the text at which the program's own lines begin, counted from 1.
        edited: numbers of the program's lines that were repaired, where columns are not the user's.
        samplers: which textures it reads, by their names in it: ``noise``, the last frame's targets ``back0``
            and ``back1``, what a pass draws, ``pass0`` …; with options behind commas, ``noise,nearest``.
        frames: how many frames lead to its picture, if it reads the last one; 0 if its passes do not.
        passes: what it draws in each frame.
        notes: what of the program is not known here, and what stands for it.
        parameters: what may be set for each picture, by the names of the uniforms.
    """

    dialect: Dialect
    text: str
    first: int
    edited: frozenset[int] = frozenset()
    samplers: Mapping[str, str] = field(default_factory=dict)
    frames: int = 1
    passes: tuple[Pass, ...] = ()
    notes: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    @property
    def textures(self) -> str:
        """Textures of ours that it reads, such as ``iChannel0=noise buffer-a.iChannel1=organic``."""
        stages = [(f"{drawn_by(one.fills[0])}.", one.samplers) for one in self.passes if one.text]
        return " ".join(
            f"{prefix}{name}={kind.partition(',')[0]}"
            for prefix, samplers in (("", self.samplers), *stages)
            for name, kind in samplers.items()
            if not kind.startswith(("back", "pass"))
        )


def translate(program: Program, reading: Reading) -> Fragment:
    """Make the fragment shader of a program.

    Raises:
        PatternGenError: it could not be read, fits no dialect, or asks for what the renderer cannot give;
            names its file and line.
    """
    if program.unreadable:
        raise PatternGenError(program.unreadable)
    text = program.source
    clip = CLIP_AND_MARK if reading.marking else CLIP
    if reading.dialect == "pattern" or (reading.dialect == "auto" and is_pattern(text)):
        head = FRAGMENT_HEAD.format(samples=reading.samples) + clip
        tail = "\n\n" + _undefined(macros(tokens(text)) if "#" in text else ()) + FRAGMENT_TAIL
        return Fragment("pattern", head + text + tail, head.count("\n") + 1)
    if reading.samples != 1:
        raise PatternGenError(f"{program.file}: only programs of the dialect pattern know several samples")
    try:
        if parts := parts_of(text):
            toy = replace(reading, dialect="shadertoy")
            found = _together(
                [(part, _translate(program.file, part.text, toy, clip, part)) for part in parts]
            )
        else:
            found = _translate(program.file, text, reading, clip)
        return replace(found, notes=(*found.notes, *_textures_noted(found)))
    except SyntaxRefusedError as refused:
        file, line = program.origin(refused.line)
        raise PatternGenError(f"{file}:{line}: {refused}") from None
    except PatternGenError:
        raise
    except Exception as error:  # whatever a program does to us, it alone is lost
        reason = f"{type(error).__name__} {error}".strip()
        raise PatternGenError(f"{program.file}: cannot be translated: {reason}") from None


def _textures_noted(fragment: Fragment) -> Iterator[str]:
    """Yield what stands in place of textures of which no other note says it."""
    said = " ".join(fragment.notes).split()
    for texture in fragment.textures.split():
        name, _, ours = texture.partition("=")
        if name not in said:
            yield f"texture {name} is our {ours}"


def _together(passes: Sequence[tuple[Part, Fragment]]) -> Fragment:
    """Return the fragment shader of a program in parts, the last of which is its image."""
    # All begin at one line, so that the driver's words find their way back whichever they are about.
    first = max(fragment.first for _, fragment in passes)
    texts = ["\n" * (first - fragment.first) + fragment.text for _, fragment in passes]
    order = [part.fills for part, _ in passes]
    read = [{one.partition(",")[0] for one in fragment.samplers.values()} for _, fragment in passes]
    remembers = any(set(order[k:]) & textures for k, textures in enumerate(read))
    before = [
        Pass((part.fills,), deep=True, text=text, samplers=fragment.samplers)
        for (part, fragment), text in zip(passes[:-1], texts, strict=False)
    ]
    image = passes[-1][1]
    return replace(
        image,
        text=texts[-1],
        first=first,
        edited=frozenset().union(*(fragment.edited for _, fragment in passes)),
        frames=image.frames if remembers else 0,
        passes=(*before, Pass()),
        notes=tuple(dict.fromkeys(note for _, fragment in passes for note in fragment.notes)),
    )


def _translate(file: Path, text: str, reading: Reading, clip: str, part: Part | None = None) -> Fragment:
    text = apply(text, inactive(text, tokens(text)))[0]
    names_edits = list(renamings(tokens(text)))
    repaired_notes = list(noted_repairs(text, names_edits))
    text, renamed = apply(text, names_edits)
    vertex = has_vertex(program := tokens(text))
    text = apply(text, vertex_edits(text, program))[0]
    program = tokens(text)
    try:
        headed = reading.dialect in ("auto", "isf") and has_head(text)
        told = read_head(text) if headed else Head({}, ())
        dialect = "isf" if headed else detect(program) if reading.dialect == "auto" else reading.dialect
    except PatternGenError as error:
        raise PatternGenError(f"{file}: {error}; docs/shader-dialects.md shows what is known") from None
    used = {token.text for token in names(program)} | (inputs.ISF.keys() if dialect == "isf" else set())
    lone = dialect == "shadertoy" and part is None
    channel, fetched = read_in_place(text) if lone else ("", False)
    if fetched:
        raise PatternGenError(
            f"{file}: it is incomplete: it reads {channel} where its own pixel is, as one reads a buffer; "
            f"put its passes beside it ({file.stem}.buffer-a.glsl …), or say in a line of its own what it "
            f'reads: #{channel} "noise"'
        )
    perhaps = (f"{channel} is noise, but read as one reads a buffer: perhaps a pass is missing",)
    if "##" in text:  # which may make names of parts
        used |= {name for name in inputs.SHADERTOY if name[:-1] == "iChannel"}
    own = declarations(text, program, across=not headed)
    whole = has_main(program) or dialect == "shadertoy"
    taken = declared(program) - own.inputs.keys() if whole else set[str]()
    toy = inputs.SHADERTOY if has_image(program) else {}
    offered = {**inputs.INPUTS.get(dialect, {}), **toy, **told.inputs}
    given = dict(own.inputs) | _wanted(offered, used, taken | own.inputs.keys())
    if part is not None:
        try:
            channels = channel_inputs(part)
        except PatternGenError as error:
            raise PatternGenError(f"{file}: {error}") from None
        given |= {name: value for name, value in channels.items() if name in given}
    defined = macros(program)
    known = inputs.OUTPUTS.get(dialect, ())
    outputs = own.outputs or tuple(name for name in known if name in used - taken - defined)
    implied = () if own.outputs else outputs
    body, moved = apply(text, own.edits)
    repairs_made = _edits(body, tokens(body))
    repaired_notes += noted_repairs(body, repairs_made)
    body, repaired = apply(body, repairs_made)
    # As on its site: what is no function but a macro begins with alpha 1.
    picture = "0.0, 0.0, 0.0, 1.0" if "mainImage" in defined else "0.0"
    head = "".join(
        [
            FOREIGN_HEAD.format(picture=picture),
            clip,
            inputs_text(given),
            "#define HW_PERFORMANCE 1\n" if "HW_PERFORMANCE" in used - defined else "",
            *(f"vec4 {name} = vec4(0.0);\n" for name in implied),
            _helpers(used - taken) if dialect in ("geeker", "geekest") else "",
            ISF_MACROS if dialect == "isf" else "",
        ]
    )
    if dialect == "shadertoy":
        call = "mainImage(host_picture, host_xy)"
        first, second = "host_picture", "vec4(0.0)"
    else:
        call = "host_vertex(); host_program()" if vertex else "host_program()"
        first, second = _targets(file, outputs, used)
        if not whole:
            head += "void host_program() {\n"
            body += "\n}"
    tail = (
        FOREIGN_CALL.format(call=call) + _undefined(defined) + FOREIGN_TAIL.format(first=first, second=second)
    )
    return Fragment(
        dialect=dialect,
        text=f"{head}{body}{tail}",
        first=head.count("\n") + 1,
        edited=renamed | moved | repaired,
        samplers={name: value for name, (kind, value) in given.items() if kind.startswith("sampler")},
        frames=0 if told.passes and not told.persistent else reading.frames,
        passes=told.passes or (_BOTH if second != "vec4(0.0)" else _FIRST,),
        notes=(*own.notes, *told.notes, *(perhaps if channel else ()), *dict.fromkeys(repaired_notes)),
        parameters=told.parameters,
    )


def _undefined(defined: Iterable[str]) -> str:
    """Return GLSL that keeps a program's macros away from what stands behind it."""
    return "".join(
        f"#undef {_RENDERER_NAMES.get(name, name)}\n"
        for name in sorted(defined)
        if not name.startswith(("GL_", "__"))
    )


def _wanted(offered: Inputs, used: set[str], taken: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Choose what a program uses and does not name itself."""
    return {name: value for name, value in offered.items() if name in used - set(taken)}


def _targets(file: Path, outputs: Sequence[str], used: set[str]) -> tuple[str, str]:
    """Return the expressions of the two targets' colours.

    Raises:
        PatternGenError: the program has no output.
    """
    seconds = [name for name in outputs if name in inputs.SECOND] or list(outputs[1:2])
    firsts = [name for name in outputs if name not in seconds]
    if outputs:
        return (firsts or ["vec4(0.0)"])[0], (seconds or ["vec4(0.0)"])[0]
    if "gl_FragData" in used:
        return "host_data[0]", "host_data[1]"
    if "gl_FragColor" in used:
        return "host_color", "vec4(0.0)"
    raise PatternGenError(f"{file}: writes no colour; assign gl_FragColor, or declare an `out vec4`")


def _edits(text: str, program: Sequence[Token]) -> list[Edit]:
    """Return the repairs of a program and its renamings, but for those in what is taken out."""
    others = list(repairs(text, program))
    gone = [edit for edit in others if edit.end > edit.start and not edit.text.strip()]
    others += [
        Edit(token.start, token.end, _RENDERER_NAMES[token.text])
        for token in names(program)
        if token.text in _RENDERER_NAMES
    ]
    return [
        edit
        for edit in others
        if edit in gone or not any(cut.start <= edit.start and edit.end <= cut.end for cut in gone)
    ]


@cache
def _helper(name: str) -> dict[tuple[Path, int], str]:
    """Return the lines of a helper, by the files and numbers that they come from."""
    program = read_program(shader_folder() / "dialects" / f"{name}.glsl")
    return {program.origin(number): line for number, line in enumerate(program.source.split("\n"), 1)}


def _helpers(wanted: Iterable[str]) -> str:
    """Return GLSL of helpers, each line once; whatever else they define gets a name of the renderer's."""
    lines: dict[tuple[Path, int], str] = {}
    for name in (name for name in inputs.HELPERS if name in set(wanted)):
        lines |= _helper(name)
    text = "\n".join([*lines.values(), ""])
    program = tokens(text)
    hidden = declared(program) - {*inputs.HELPERS}
    functions = {token.text for token in names(program) if token.text in hidden}
    edits = [
        Edit(token.start, token.end, f"host_{token.text}")
        for token in names(program)
        if token.text in functions and not _is_member(text, token)
    ]
    return apply(text, edits)[0]


def _is_member(text: str, token: Token) -> bool:
    return re.search(r"\.\s*\Z", text[: token.start]) is not None
