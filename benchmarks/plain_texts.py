"""What foreign fragment programs find on their own sites: lines before them, and uniforms by name."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from patterngen.shaders.language.shadertoy_parts import SOLIDS
from patterngen.shaders.render.frame_feedback import FRAME

_TOY = """#version 300 es
precision highp float; precision highp int; precision highp sampler2D;
precision highp sampler3D; precision highp samplerCube;
#define HW_PERFORMANCE 1
uniform vec3 iResolution; uniform float iTime, iTimeDelta, iFrameRate, iSampleRate; uniform int iFrame;
uniform vec4 iMouse, iDate; uniform float iChannelTime[4]; uniform vec3 iChannelResolution[4];
out vec4 site_colour;
"""
_TOY_MAIN = """
void main() { vec4 c = vec4(0, 0, 0, 1); mainImage(c, gl_FragCoord.xy); c.w = 1.0; site_colour = c; }
"""
_GEEKEST = """#version 300 es
precision highp float;
uniform vec2 r, m; uniform float t, f, s; uniform sampler2D b;
out vec4 o;
#define FC gl_FragCoord
const float PI = 3.141592653589793, PI2 = PI * 2.;
vec3 hsv(float h, float s, float v) {
  return v * mix(vec3(1), clamp(abs(fract(h + vec3(3, 2, 1) / 3.) * 6. - 3.) - 1., 0., 1.), s); }
mat2 rotate2D(float a) { return mat2(cos(a), sin(a), -sin(a), cos(a)); }
"""
_ISF = """precision highp float; precision highp int;
uniform float TIME, TIMEDELTA; uniform vec2 RENDERSIZE; uniform int FRAMEINDEX, PASSINDEX; uniform vec4 DATE;
varying vec2 isf_FragNormCoord;
#define vv_FragNormCoord isf_FragNormCoord
#define IMG_SIZE(i) vec2(256.0)
#define IMG_NORM_PIXEL(i, p) texture2D(i, p)
#define IMG_PIXEL(i, p) texture2D(i, (p) / 256.0)
#define IMG_THIS_NORM_PIXEL(i) texture2D(i, isf_FragNormCoord)
#define IMG_THIS_PIXEL(i) texture2D(i, isf_FragNormCoord)
"""
_ISF_TYPES = {
    "bool": "bool",
    "event": "bool",
    "long": "int",
    "float": "float",
    "point2D": "vec2",
    "color": "vec4",
}
_HEAD = re.compile(r"\s*/\*\s*(\{.*?\})\s*\*/", re.DOTALL)
_VERSION = re.compile(r"^[ \t]*#[ \t]*version[ \t]+(\d+)[^\n]*", re.MULTILINE)
_EXTENSION = re.compile(r"^[ \t]*#[ \t]*extension[^\n]*", re.MULTILINE)
_STRUCT = re.compile(r"(\bstruct\s+\w*\s*\{[^}]*\})")
_UNSET = re.compile(
    r"(?<=[;{}(])(\s*)(float|u?int|bool|[iu]?vec[234]|mat[234])(\s+)"
    r"(\w+(?:\s*=[^,;()]*)?(?:\s*,\s*\w+(?:\s*=[^,;()]*)?)*)\s*;"
)
_OUT = re.compile(r"([(,]\s*)out\b")
_VARYING = re.compile(
    r"\b(?:varying|in)[ \t]+(?:(?:highp|mediump|lowp)[ \t]+)?(float|vec[234])[ \t]+(\w+)[ \t]*;"
)
# As desktops compute; Mesa may take 16 bits.
_EXACT = (
    "precision highp float; precision highp int; precision highp sampler2D; precision highp samplerCube;\n"
)
_MAIN = re.compile(r"\bvoid\s+main\s*\(\s*(?:void)?\s*\)\s*\{")


@dataclass(frozen=True)
class Each:
    """A value that every element of an array has."""

    value: Any


def kind_of(source: str) -> str:
    """Tell whose program a text is, by what it has to define there."""
    has_main = re.search(r"\bvoid\s+main\s*\(", source) is not None
    if _HEAD.match(source):
        return "isf"
    if "mainImage" in source and not has_main:
        return "shadertoy"
    if not has_main:
        return "geekest"
    return "book" if re.search(r"\bu_(?:time|resolution|mouse)\b", source) else "classic"


def texts(
    source: str, kind: str, channels: Mapping[str, str] | None = None
) -> tuple[str, str, dict[str, Any]]:
    """Return the vertex and fragment shader of a program, and what its own head says of uniforms."""
    values: dict[str, Any] = {}
    if kind == "shadertoy":
        kinds = {name: SOLIDS.get(read.partition(",")[0]) for name, read in (channels or {}).items()}
        declared = "".join(
            f"uniform {kinds.get(f'iChannel{k}') or 'sampler2D'} iChannel{k};\n" for k in range(4)
        )
        fragment = _TOY + declared + source + _TOY_MAIN
    elif kind == "geekest":
        fragment = f"{_GEEKEST}void main() {{\n{source}\n}}\n"
    elif kind == "isf":
        said = json.loads(re.sub(r",(?=\s*[\]}])", "", _HEAD.match(source)[1]), strict=False)  # type: ignore[index]
        declared = ""
        for entry in said.get("INPUTS") or ():
            declared += f"uniform {_ISF_TYPES.get(entry['TYPE'], 'sampler2D')} {entry['NAME']};\n"
            values[entry["NAME"]] = entry.get("DEFAULT")
        if len(said.get("PASSES") or ()) > 1 or said.get("IMPORTED"):
            raise ValueError("several passes, or pictures of its own")
        fragment = f"{_ISF}{declared}{source}"
    else:
        fragment = source
    fragment = re.sub(r"\b(?:mediump|lowp)\b", "highp", fragment)
    # As browsers begin: what nothing is written to, is 0.
    fragment = _OUT.sub(r"\1inout", fragment)
    fragment = "".join(
        part if part.startswith("struct") else _UNSET.sub(_zeroed, part) for part in _STRUCT.split(fragment)
    )
    if "gl_FragColor" in fragment:
        fragment = _MAIN.sub(r"\g<0> gl_FragColor = vec4(0.0);", fragment, count=1)
    version = _VERSION.search(fragment)
    modern = version is not None and int(version[1]) >= 130
    desktop = version is not None and version[1] != "100" and not version[0].strip().endswith("es")
    first = version[0].strip() if version else "#version 100"
    # What a browser lets stand anywhere, Mesa wants first.
    head = "\n".join([first, *_EXTENSION.findall(fragment), "" if desktop else _EXACT])
    fragment = head + _EXTENSION.sub("", _VERSION.sub("", fragment, count=1))
    return _vertex(first, fragment, modern=modern), fragment, values


def _zeroed(declaration: re.Match[str]) -> str:
    """Return a declaration whose variables all have a value."""
    blank, kind, gap, names = declaration.groups()
    given = (name if "=" in name else f"{name.rstrip()} = {kind}(0)" for name in names.split(","))
    return f"{blank}{kind}{gap}{','.join(given)};"


def _vertex(first: str, fragment: str, *, modern: bool) -> str:
    """Return the vertex shader beside a fragment shader, which gives it the varyings that it asks for."""
    passed = [
        (kind, name) for kind, name in _VARYING.findall(fragment) if f"out {kind} {name}" not in fragment
    ]
    out, place = ("out", "in") if modern else ("varying", "attribute")
    given = {"float": "p.x", "vec2": "p", "vec3": "vec3(p, 0.0)", "vec4": "vec4(p, 0.0, 1.0)"}
    given |= {"surfacePosition": "place * 0.5 * site_size / site_size.y"}
    lines = [
        first,
        f"{place} vec2 place;",
        "uniform vec2 site_size;",
        *(f"{out} {kind} {name};" for kind, name in passed),
        "void main() {",
        "  vec2 p = place * 0.5 + 0.5;",
        *(f"  {name} = {given.get(name, given[kind])};" for kind, name in passed),
        "  gl_Position = vec4(place, 0.0, 1.0);",
        "}",
    ]
    return "\n".join(lines) + "\n"


def uniforms(size: int, t: float, frame: int) -> dict[str, Any]:
    """Return what sites set, by name."""
    square, still = (float(size), float(size)), (0.0, 0.0, 0.0, 0.0)
    date, delta = (2000.0, 0.0, 1.0, t), FRAME
    return {
        "site_size": square,
        "iResolution": (*square, 1.0),
        "iTime": t,
        "iGlobalTime": t,
        "iTimeDelta": delta,
        "iFrame": frame,
        "iFrameRate": 60.0,
        "iMouse": still,
        "iDate": date,
        "iSampleRate": 44100.0,
        "iChannelTime": Each(t),
        "iChannelResolution": Each((256.0, 256.0, 1.0)),
        "resolution": square,
        "r": square,
        "mouse": (0.5, 0.5),
        "m": (0.5, 0.5),
        "time": t,
        "t": t,
        "frame": float(frame),
        "f": float(frame),
        "surfaceSize": (1.0, 1.0),
        "u_resolution": square,
        "u_time": t,
        "u_mouse": (0.0, 0.0),
        "u_delta": delta,
        "u_frame": frame,
        "u_date": date,
        "TIME": t,
        "TIMEDELTA": delta,
        "RENDERSIZE": square,
        "FRAMEINDEX": frame,
        "PASSINDEX": 0,
        "DATE": (2000.0, 1.0, 1.0, t),
    }
