"""ISF: a program whose first comment says in JSON which inputs it takes and how many passes it has."""

import json
import re
from dataclasses import dataclass
from typing import Any

from patterngen.errors import PatternGenError
from patterngen.shaders.language.inputs import Inputs

_HEAD = re.compile(r"\s*/\*\s*(\{.*?\})\s*\*/", re.DOTALL)
_SPARE_COMMA = re.compile(r",(?=\s*[\]}])")
_NAME = re.compile(r"[A-Za-z_]\w*")
_TYPES = {
    "event": ("bool", 1),
    "bool": ("bool", 1),
    "long": ("int", 1),
    "float": ("float", 1),
    "point2D": ("vec2", 2),
    "color": ("vec4", 4),
}
_TEXTURES = ("image", "audio", "audioFFT")

ISF_MACROS = """#define IMG_SIZE(image) vec2(textureSize(image, 0))
#define IMG_NORM_PIXEL(image, place) texture(image, place)
#define IMG_PIXEL(image, place) texture(image, (place) / IMG_SIZE(image))
#define IMG_THIS_NORM_PIXEL(image) texture(image, isf_FragNormCoord)
#define IMG_THIS_PIXEL(image) texture(image, isf_FragNormCoord)
"""
"""What ISF calls to read an image: in its pixels, from 0 to 1, or where the picture's own pixel is."""


@dataclass(frozen=True)
class Head:
    """What the head of a program says.

    Attributes:
        inputs: its inputs, with the values that it gives them itself.
        notes: which of them are pictures, and what stands for each.
    """

    inputs: Inputs
    notes: tuple[str, ...]


def has_head(text: str) -> bool:
    """Whether a program begins as those of ISF do."""
    return _HEAD.match(text) is not None


def read_head(text: str) -> Head:
    """Read the head of a program that has one.

    Raises:
        PatternGenError: it is no JSON, gives an input no name or type, or asks for several passes.
    """
    found = _HEAD.match(text)
    try:
        said = json.loads(_SPARE_COMMA.sub("", found[1]) if found else "{}", strict=False)
    except ValueError as error:
        raise PatternGenError(f"its head is no JSON: {error}") from None
    passes = said.get("PASSES") or [{}]
    if len(passes) > 1:
        raise PatternGenError(f"has {len(passes)} passes; programs of one are known")
    inputs: dict[str, tuple[str, str]] = {}
    notes = []
    for entry in said.get("INPUTS") or ():
        name, kind = entry.get("NAME"), entry.get("TYPE")
        if not _NAME.fullmatch(str(name)) or kind not in (*_TYPES, *_TEXTURES):
            raise PatternGenError(f"input {name!r} of type {kind!r}: give one of {', '.join(_TYPES)}, image")
        if kind in _TEXTURES:
            inputs |= _image(name, "noise")
            notes.append(f"{kind} {name} is noise")
        else:
            inputs[name] = _value(kind, entry.get("DEFAULT"))
    for entry in said.get("IMPORTED") or ():  # a list, or an object whose keys are the names
        name = entry["NAME"] if isinstance(entry, dict) else entry
        inputs |= _image(name, "noise")
        notes.append(f"image {name} is noise")
    if target := passes[0].get("TARGET"):
        inputs |= _image(str(target), "back0")
    return Head(inputs, tuple(notes))


def _image(name: str, texture: str) -> dict[str, tuple[str, str]]:
    """Return an image and what programs of the first version of ISF read of it: all of it, turned nowhere."""
    return {
        name: ("sampler2D", texture),
        f"_{name}_imgRect": ("vec4", "vec4(0.0, 0.0, 1.0, 1.0)"),
        f"_{name}_imgSize": ("vec2", f"vec2(textureSize({name}, 0))"),
        f"_{name}_flip": ("bool", "false"),
    }


def _value(kind: str, default: Any) -> tuple[str, str]:
    """Return GLSL's type of an input and the value that it has unless somebody sets it."""
    glsl, count = _TYPES[kind]
    given = default if isinstance(default, list) else [0 if default is None else default] * count
    numbers = [float(number) for number in given[:count]]
    numbers += [1.0 if kind == "color" else 0.0] * (count - len(numbers))
    return glsl, f"{glsl}({', '.join(map(str, numbers))})"
