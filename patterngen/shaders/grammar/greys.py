"""Pictures without colour, hard black and white among them, and textures as fine as the pixels."""

from patterngen.shaders.grammar.colours import picture, relief
from patterngen.shaders.grammar.productions import Kind

_FIELD, _TINT = Kind.FIELD, Kind.TINT
_X = "float x = {0}(p, t, r);\n"
_GRAIN = "float grain = hash2(ivec2(floor({50.0..128.0} * p + 500.0))).x;\n"

GREYS = (
    picture("Greys", (_FIELD,), _X + "return vec3(0.5 + {0.4..0.9} * x);", 0, 2),
    picture(
        "Black and white",
        (_FIELD,),
        _X + "return vec3(smoothstep(0.0, {0.01..0.06}, x + {-0.3..0.3}));",
        1,
        3,
    ),
    picture(
        "Chequered by two",
        (_FIELD, _FIELD),
        _X + "float y = {1}(p, t, r);\nreturn vec3(smoothstep(-0.03, 0.03, x * y));",
        1,
        3,
    ),
    relief(
        "Grey relief",
        (_FIELD,),
        "vec3 normal = normalize(vec3(-{0.3..0.9} * slope, 1.0));\n"
        "return vec3({0.8..1.2} * max(dot(normal, normalize(vec3({way}, {0.2..0.8}))), 0.0));",
        4,
        2,
    ),
    picture(
        "Fine lines",
        (_FIELD,),
        _X + "return vec3(smoothstep(-0.3, 0.3, sin({50.0..160.0} * dot(p, {way}) + {4.0..14.0} * x)));",
        2,
        3,
    ),
    picture(
        "Fine hatching",
        (_FIELD, _TINT, _TINT),
        _X + "float line = sin({50.0..160.0} * dot(p, {way}) + {2.0..9.0} * x);\n"
        "return mix({1}(x, r), {2}(0.5 * x - 0.5, r), smoothstep(-0.3, 0.3, line));",
        2,
        2,
    ),
    picture("Dithered", (_FIELD,), _X + _GRAIN + "return vec3(step(grain, 0.5 + 0.5 * x));", 2, 4, 1, "hash"),
    picture(
        "Grained",
        (_FIELD, _TINT),
        _X + _GRAIN + "return {1}(x + {0.8..2.0} * (grain - 0.5), r);",
        2,
        3,
        1,
        "hash",
    ),
)
