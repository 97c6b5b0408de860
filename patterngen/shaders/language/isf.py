"""ISF: a program whose first comment says in JSON which inputs it takes and which passes it has."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from patterngen.errors import PatternGenError
from patterngen.shaders.language.declarations import top_statements, unbracketed
from patterngen.shaders.language.inputs import UNIFORM, Inputs
from patterngen.shaders.language.parameters import Parameter, read_parameter
from patterngen.shaders.language.passes import Pass
from patterngen.shaders.language.tokens import Edit, Token, blank, names
from patterngen.storage.texts import parse_json

_HEAD = re.compile(r"\s*/\*\s*(\{.*?\})\s*\*/", re.DOTALL)
_SPARE_COMMA = re.compile(r",(?=\s*[\]}])")
_VERTEX_NAMES = {"main": "host_vertex", "gl_Position": "host_position"}
_PLACEHOLDER = re.compile(r"\$(\w+)")
MAX_PASSES = 11
"""Most passes of a program, for there are 16 textures that it may read."""
_NAME = re.compile(r"[A-Za-z_]\w*")
_TYPES = {"bool": "bool", "long": "int", "float": "float", "point2D": "vec2", "color": "vec4"}
_TEXTURES = ("image", "audio", "audioFFT")

ISF_MACROS = """#define IMG_SIZE(image) vec2(textureSize(image, 0))
#define IMG_NORM_PIXEL(image, place) texture(image, place)
#define IMG_PIXEL(image, place) texture(image, (place) / IMG_SIZE(image))
#define IMG_THIS_NORM_PIXEL(image) texture(image, isf_FragNormCoord)
#define IMG_THIS_PIXEL(image) texture(image, isf_FragNormCoord)
#define isf_vertShaderInit()
#define vv_vertShaderInit()
vec4 host_position = vec4(0.0);
"""
"""What ISF calls to read an image: in its pixels, from 0 to 1, or where the picture's own pixel is."""


VERTEX = "#pragma vertex"
"""Line between a program and its vertex program."""


@dataclass(frozen=True)
class Head:
    """What the head of a program says.

    Attributes:
        inputs: inputs; those that are parameters are uniforms.
        notes: which of them are pictures, and what stands for each.
        passes: what it draws before its picture, and that; none for the picture alone.
        persistent: whether a pass reads what it drew in the last frame.
        parameters: inputs that may be set, with their defaults and ranges.
    """

    inputs: Inputs
    notes: tuple[str, ...]
    passes: tuple[Pass, ...] = ()
    persistent: bool = False
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


def has_head(text: str) -> bool:
    """Whether a program begins as those of ISF do."""
    return _HEAD.match(text) is not None


def has_vertex(program: Sequence[Token]) -> bool:
    """Whether a vertex program follows upon a program."""
    return _mark(program) is not None


def _mark(program: Sequence[Token]) -> Token | None:
    return next((token for token in program if token.text == VERTEX), None)


def vertex_edits(text: str, program: Sequence[Token]) -> Iterator[Edit]:
    """Yield what makes one text of a program and its vertex program, which then runs at every pixel.

    What runs at the corners of the picture is linear between them, as a place in the picture is.
    """
    if (mark := _mark(program)) is None:
        return
    yield blank(text, mark.start, mark.end)
    for statement in top_statements([token for token in program if token.kind != "directive"]):
        qualifiers = {"varying", "in", "out", "attribute"} & {*unbracketed(statement)}
        if qualifiers and statement[0].start > mark.start:
            yield blank(text, statement[0].start, statement[-1].end)
        elif qualifiers & {"varying", "in"}:
            yield from (blank(text, word.start, word.end) for word in statement if word.text in qualifiers)
    for token in names(program):
        if token.start > mark.start and token.text in _VERTEX_NAMES:
            yield Edit(token.start, token.end, _VERTEX_NAMES[token.text])


def read_head(text: str) -> Head:
    """Read the head of a program that has one.

    Raises:
        PatternGenError: it is no JSON, gives an input no name or type or a number that GLSL has not, or has
            more passes than are known, or one of no size.
    """
    found = _HEAD.match(text)
    try:
        said = parse_json(_SPARE_COMMA.sub("", found[1]) if found else "{}", strict=False)
    except ValueError as error:
        raise PatternGenError(f"its head is no JSON: {error}") from None
    inputs: dict[str, tuple[str, str]] = {}
    parameters: dict[str, Parameter] = {}
    notes = []
    for entry in _objects(said, "INPUTS"):
        name, kind = entry.get("NAME"), entry.get("TYPE")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise PatternGenError(f"input {name!r}: its name is none of GLSL's")
        if kind not in (*_TYPES, "event", *_TEXTURES):
            raise PatternGenError(
                f"input {name!r} of type {kind!r}: give one of {', '.join(_TYPES)}, event, image"
            )
        if kind in _TEXTURES:
            inputs |= _image(name, "noise")
            notes.append(f"{kind} {name} is noise")
        elif kind == "event":
            inputs[name] = "bool", "false"
        else:
            parameters[name] = _parameter(name, _TYPES[kind], entry)
            inputs[name] = _TYPES[kind], UNIFORM
    for entry in said.get("IMPORTED") or ():  # a list, or an object whose keys are the names
        name = entry["NAME"] if isinstance(entry, dict) else entry
        inputs |= _image(name, "noise")
        notes.append(f"image {name} is noise")
    passes = _objects(said, "PASSES")
    if len(passes) > MAX_PASSES:
        raise PatternGenError(f"has {len(passes)} passes; give {MAX_PASSES} or fewer")
    numbers = {name: one.default[0] for name, one in parameters.items() if len(one.default) == 1}
    textures = {entry["TARGET"]: f"pass{k}" for k, entry in enumerate(passes) if entry.get("TARGET")}
    for name, texture in textures.items():
        inputs |= _image(name, texture)
    return Head(
        inputs,
        tuple(notes),
        tuple(_pass(entry, textures, numbers) for entry in passes),
        any(entry.get("PERSISTENT") for entry in passes),
        parameters,
    )


def _objects(said: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the entries of a head that are objects in a list; none where it has none of that name."""
    entries = said.get(name) or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise PatternGenError(f"{name} of its head: give a list of objects")
    return entries


def _parameter(name: str, kind: str, entry: Mapping[str, Any]) -> Parameter:
    try:
        return read_parameter(kind, entry)
    except (PatternGenError, TypeError, ValueError, OverflowError) as error:
        raise PatternGenError(f"input {name!r}: {error}") from None


def _pass(entry: Mapping[str, Any], textures: Mapping[str, str], numbers: Mapping[str, float]) -> Pass:
    """Return what an entry of a head's passes says; its formulas may name parameters."""
    target = textures.get(entry.get("TARGET", ""))
    width, height = (
        _PLACEHOLDER.sub(r"\1", str(entry.get(side) or f"${side}")) for side in ("WIDTH", "HEIGHT")
    )
    found = Pass((target,) if target else (), width, height, deep=bool(entry.get("FLOAT")))
    try:
        found.size(256, 256, numbers)
    except ValueError as error:
        raise PatternGenError(f"pass {entry.get('TARGET')!r}: {error}") from None
    return found


def _image(name: str, texture: str) -> dict[str, tuple[str, str]]:
    """Return an image and what programs of the first version of ISF read of it: all of it, turned nowhere."""
    return {
        name: ("sampler2D", texture),
        f"_{name}_imgRect": ("vec4", "vec4(0.0, 0.0, 1.0, 1.0)"),
        f"_{name}_imgSize": ("vec2", f"vec2(textureSize({name}, 0))"),
        f"_{name}_flip": ("bool", "false"),
    }
