"""What the renderer gives to programs of other dialects: names, types, and values in its own terms."""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from patterngen.shaders.language.glsl import NOISE_SIZE

Dialect = Literal["pattern", "shadertoy", "classic", "geek", "geeker", "geekest", "book", "isf"]
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)

Inputs = Mapping[str, tuple[str, str]]
"""Names with their types and values; the value of a texture is which one it is."""

UNIFORM = ""
"""The value of what is set for each picture."""

_FRAME = "1.0 / 60.0"
_SIZE = "vec2(host_size)"
_UNIT = f"(host_coordinate.xy / {_SIZE})"

SHADERTOY: Inputs = {
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
CLASSIC: Inputs = {
    "resolution": ("vec2", _SIZE),
    "mouse": ("vec2", "vec2(0.5)"),
    "time": ("float", "host_time"),
    "frame": ("float", "float(host_count)"),
    "sound": ("float", "0.0"),
    "backbuffer": ("sampler2D", "back0"),
    "backbuffer0": ("sampler2D", "back0"),
    "backbuffer1": ("sampler2D", "back1"),
    "surfaceSize": ("vec2", f"{_SIZE} / float(host_size.y)"),
}
_GEEK: Inputs = {
    **{short: CLASSIC[long] for short, long in zip("rmtfsb", CLASSIC, strict=False)},
    "b0": CLASSIC["backbuffer0"],
    "b1": CLASSIC["backbuffer1"],
}
BOOK: Inputs = {
    "u_resolution": ("vec2", _SIZE),
    "u_time": ("float", "host_time"),
    "u_mouse": ("vec2", "vec2(0.0)"),
    "u_delta": ("float", _FRAME),
    "u_frame": ("int", "host_count"),
    "u_date": ("vec4", "vec4(2000.0, 0.0, 1.0, host_time)"),
}
ISF: Inputs = {
    "TIME": ("float", "host_time"),
    "TIMEDELTA": ("float", _FRAME),
    "RENDERSIZE": ("vec2", _SIZE),
    "FRAMEINDEX": ("int", "host_count"),
    "PASSINDEX": ("int", "host_pass"),
    "DATE": ("vec4", "vec4(2000.0, 1.0, 1.0, host_time)"),
    "isf_FragNormCoord": ("vec2", _UNIT),
    "vv_FragNormCoord": ("vec2", _UNIT),
}
_GEEKER_OUTPUTS = ("outColor", "outColor0", "outColor1")
_GEEKEST_OUTPUTS = ("o", "o0", "o1")

INPUTS: Mapping[Dialect, Inputs] = {
    "shadertoy": SHADERTOY,
    "geeker": _GEEK,
    "geekest": {**_GEEK, "FC": ("vec4", "host_coordinate")},
    "isf": ISF,
}
"""What programs of a dialect are given undeclared."""

DECLARABLE: Inputs = {**SHADERTOY, **CLASSIC, **_GEEK, **BOOK}
"""What a program may declare as a uniform; to any other a browser gives 0."""

SHORT = frozenset(_GEEK)
"""Names that are given to programs alone that declare no long ones."""

VARYINGS: Inputs = {
    "surfacePosition": ("vec2", f"(host_coordinate.xy - 0.5 * {_SIZE}) / float(host_size.y)"),
}
"""What a program may declare as a varying, with the values of the sites that give it."""

ACROSS: Mapping[str, str] = {
    "float": f"{_UNIT}.x",
    "vec2": _UNIT,
    "vec3": f"vec3({_UNIT}, 0.0)",
    "vec4": f"vec4({_UNIT}, 0.0, 1.0)",
}
"""The value of any other varying, by its type: it runs from 0 to 1 across the picture."""

OUTPUTS: Mapping[Dialect, Sequence[str]] = {"geeker": _GEEKER_OUTPUTS, "geekest": _GEEKEST_OUTPUTS}
"""Outputs that a dialect gives undeclared."""

SECOND = ("o1", "outColor1")
"""Names of the second of two targets, among those."""

HELPERS = (
    *("PI", "PI2", "F4", "hsv", "rotate2D", "rotate3D", "fsnoise", "fsnoiseDigits"),
    *("snoise2D", "snoise3D", "snoise4D", "mod289", "permute", "taylorInvSqrt", "grad4"),
)
"""Constants and functions that geeker and geekest programs are given: each a file of ``shaders/dialects``."""


def inputs_text(given: Inputs) -> str:
    """Return GLSL that declares what a program is given, in one line each."""
    return "".join(
        f"uniform {kind} {name};\n"
        if kind.startswith("sampler") or value == UNIFORM
        else f"{kind} {name} = {value};\n"
        for name, (kind, value) in given.items()
    )
