"""Figures, shapes that have a place of their own in the picture, and pictures of mostly empty ground."""

from patterngen.shaders.grammar.colours import picture, relief
from patterngen.shaders.grammar.productions import Kind, Production

_FIELD, _FIGURE, _TINT = Kind.FIELD, Kind.FIGURE, Kind.TINT
_SIZE = "({0.6..1.0} + {0.3..1.0} * r.w)"


def _place(name: str, code: str, cost: int, weight: int) -> Production:
    return Production(name, Kind.PLACE, (), code, cost, weight, ("plane",))


PLACES = (
    _place("placed", f"{_SIZE} * turn(p - {{0.4..0.9}} * (r.xy - 0.5), {{phase}})", 2, 4),
    _place("standing", f"{_SIZE} * (p - {{0.4..0.9}} * (r.xy - 0.5))", 1, 2),
    _place("paired", f"{_SIZE} * (vec2(abs(p.x), p.y) - vec2({{0.2..0.5}}, r.y - 0.5))", 1, 1),
    _place("stretched", f"{_SIZE} * vec2(1.0, {{1.3..2.2}}) * turn(p - (r.yz - 0.5), {{phase}})", 2, 2),
)
FIGURES = (Production("figure", _FIGURE, (Kind.PLACE, Kind.SHAPE), "", 0),)

_D = "float d = {0}(p, t, r);\n"

ON_GROUND = (
    picture(
        "On black",
        (_FIGURE, _TINT),
        _D + "return {1}({-4.0..4.0} * d, r) * (1.0 - smoothstep(0.0, {0.01..0.04}, d));",
        1,
        3,
    ),
    picture(
        "Cut out on black",
        (_FIGURE, _FIELD, _TINT),
        _D + "return {2}({1}(p, t, r), r) * (1.0 - smoothstep(0.0, {0.01..0.15}, d));",
        1,
        3,
    ),
    picture(
        "Lit edge",
        (_FIGURE, _TINT),
        _D + "return {1.0..1.6} * {1}(0.8 - {1.0..3.0} * abs(d), r) * exp(-{6.0..25.0} * abs(d));",
        1,
        2,
    ),
    picture(
        "Scattered on black",
        (_FIGURE, _TINT),
        "vec3 colour = vec3(0.0);\n"
        "int count = 2 + int({2.0..5.0} * r.w);\n"
        "for (int k = 0; k < count; k++) {\n"
        "  vec4 h = more(r, k);\n"
        "  vec2 q = turn(p - 0.9 * (2.0 * h.xy - 1.0), 6.283 * h.z) * (1.0 + {0.5..2.0} * h.w);\n"
        "  float d = {0}(q, t, vec4(0.5));\n"
        "  colour = mix(colour, {1}(2.0 * h.w - 1.0, r), 1.0 - smoothstep(0.0, {0.01..0.04}, d));\n"
        "}\n"
        "return colour;",
        6,
        2,
        6,
        "hash",
    ),
    picture(
        "Outlined",
        (_FIGURE,),
        _D + "return vec3({0.6..1.0} * (1.0 - smoothstep(0.0, 0.015, abs(d) - {0.02..0.08})));",
        1,
        2,
    ),
    picture(
        "Drawn on white",
        (_FIGURE,),
        _D + "return vec3(1.0 - {0.6..1.0} * (1.0 - smoothstep(0.0, 0.015, abs(d) - {0.015..0.06})));",
        1,
        2,
    ),
    picture("Silhouette", (_FIGURE,), _D + "return vec3(1.0 - smoothstep(0.0, {0.005..0.03}, d));", 1, 1),
    picture(
        "In the dark",
        (_FIELD, _TINT),
        "float x = {0}(p, t, r);\nreturn {1}(x, r) * smoothstep({0.0..0.3}, {0.5..0.9}, x);",
        1,
        3,
    ),
    relief(
        "Threads",
        (_FIELD, _TINT),
        "float away = abs(x) / (length(slope) + 0.3);\n"
        "return {1.0..1.5} * {1}(0.6 + 0.4 * p.y, r) * exp(-{12.0..40.0} * away);",
        2,
        3,
    ),
    picture(
        "Ball on black",
        (_FIELD, _TINT),
        "vec2 q = (p - {0.5..1.2} * (r.xy - 0.5)) / ({0.3..0.5} + 0.4 * r.z);\n"
        "float high = sqrt(max(1.0 - dot(q, q), 0.0));\n"
        "float light = max(dot(vec3(q, high), normalize(vec3({way}, {0.3..1.2}))), 0.0);\n"
        "return {1}({0}(q / (0.6 + 0.4 * high), t, r), r) * light * step(dot(q, q), 1.0);",
        3,
        3,
    ),
)
"""Pictures of a figure, or of what stands out of a field, with nothing behind it."""
