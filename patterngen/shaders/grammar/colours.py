"""What it looks like: tints, which make a colour of a value, and how fields and tints make a picture."""

from patterngen.shaders.grammar.productions import Kind, Library, Production

_FIELD, _TINT = Kind.FIELD, Kind.TINT


def _tint(name: str, code: str, cost: int, weight: int, *uses: Library) -> Production:
    return Production(name, _TINT, (), code, cost, weight, uses)


_DARK = "vec3({0.12..0.4}, {-0.12..0.12}, {-0.14..0.12})"
_MEDIUM = "vec3({0.45..0.75}, {-0.18..0.18}, {-0.18..0.18})"
_LIGHT = "vec3({0.78..0.97}, {-0.08..0.08}, {-0.08..0.12})"

TINTS = (
    _tint(
        "cosines",
        "vec3({0.4..0.6}, {0.4..0.6}, {0.4..0.6}) + vec3({0.2..0.45}, {0.2..0.45}, {0.2..0.45}) * "
        "cos(6.283 * ({0.2..0.55} * x + vec3({0.0..1.0}, {0.0..1.0}, {0.0..1.0}) + 0.2 * r.x))",
        3,
        4,
    ),
    _tint("a walk", "palette({0.2..0.5} * x + {0.0..1.0} + 0.2 * r.y, {dye})", 4, 3, "palette"),
    _tint("a scheme", "scheme({0.15..0.4} * x + {0.0..1.0} + 0.2 * r.z, {dye})", 8, 3, "palette"),
    _tint("a ramp", "ramp(0.5 + {0.4..0.6} * x, {dye})", 5, 3, "palette"),
    _tint("ink", "ink(0.5 + {0.4..0.9} * x, {dye})", 4, 2, "palette"),
    _tint("a glow", "glow(0.5 + {0.4..0.6} * x, {dye})", 3, 2, "palette"),
    _tint("two poles", "diverge(0.5 + {0.4..0.6} * x, {dye})", 4, 2, "palette"),
    _tint("paints", "paints({0.15..0.4} * x + {0.0..1.0}, {dye})", 8, 2, "palette"),
    _tint("a film", "film({2.0..6.0} + {0.8..2.5} * x)", 3, 1, "palette"),
    _tint("two stops", f"oklab(mix({_DARK}, {_LIGHT}, smoothstep(-1.0, 1.0, x)))", 9, 2, "oklab"),
    _tint(
        "two hues",
        f"oklab(mix({_MEDIUM}, {_MEDIUM}, smoothstep(-0.8, 0.8, x)) + vec3(0.12 * x, 0.0, 0.0))",
        9,
        2,
        "oklab",
    ),
    _tint(
        "three stops",
        f"oklab(mix(mix({_DARK}, {_MEDIUM}, smoothstep(-1.0, 0.1, x)), {_LIGHT}, smoothstep(0.0, 1.1, x)))",
        9,
        4,
        "oklab",
    ),
    _tint(
        "a dark middle",
        f"oklab(mix(mix({_MEDIUM}, {_DARK}, smoothstep(-1.0, 0.0, x)), {_LIGHT}, smoothstep(0.0, 1.0, x)))",
        9,
        2,
        "oklab",
    ),
    _tint(
        "a round of hues",
        "oklch({0.5..0.75} + {0.05..0.25} * x, {0.06..0.15}, {0.12..0.5} * x + {0.0..1.0} + 0.2 * r.w)",
        10,
        3,
        "oklab",
    ),
    _tint("grey", "oklab(vec3(0.55 + {0.25..0.4} * x, {-0.03..0.03}, {-0.03..0.03}))", 9, 1, "oklab"),
)


def picture(
    name: str, takes: tuple[Kind, ...], code: str, cost: int, weight: int, times: int = 1, *uses: Library
) -> Production:
    """Make one from functions that its code calls by slots, each `times` times at most."""
    return Production(name, Kind.PICTURE, takes, code, cost, weight, ("plane", *uses), times)


def relief(
    name: str, takes: tuple[Kind, ...], code: str, cost: int, weight: int, *uses: Library
) -> Production:
    """Make one that looks at its first field's slope, too, which the library calls `height`."""
    slope = "vec3 field = sloped(p, t, r);\nfloat x = field.x;\nvec2 slope = field.yz;\n"
    return Production(name, Kind.PICTURE, takes, slope + code, cost, weight, ("relief", *uses), 3)


_X = "float x = {0}(p, t, r);\n"

PICTURES = (
    picture("Plain", (_FIELD, _TINT), _X + "return {1}(x, r);", 0, 5),
    picture("Shaded across", (_FIELD, _TINT), _X + "return {1}(x + {0.4..0.9} * dot(p, {way}), r);", 0, 3),
    picture(
        "Cut paper",
        (_FIELD, _TINT),
        _X + "float level = {1.5..3.0} * x, sheet = floor(level);\n"
        "float shadow = exp(-{3.0..7.0} * (1.0 - level + sheet));\n"
        "return {1}(0.4 * sheet, r) * (1.0 - {0.4..0.7} * shadow);",
        2,
        4,
    ),
    picture(
        "Engraving",
        (_FIELD, _TINT, _TINT),
        _X + "float line = sin({18.0..36.0} * dot(p, {way}) + {2.0..6.0} * x);\n"
        "float width = 0.8 * clamp(x, -1.0, 1.0);\n"
        "return mix({1}(x, r), {2}(-x, r), smoothstep(-0.4, 0.4, line + width));",
        2,
        2,
    ),
    picture(
        "Halftone",
        (_FIELD, _TINT, _TINT),
        _X + "vec2 screen = fract({7.0..14.0} * turn(p, {0.0..1.5})) - 0.5;\n"
        "float away = length(screen) - 0.34 - 0.26 * clamp(x, -1.0, 1.0);\n"
        "return mix({1}(0.3 * x, r), {2}(-0.8, r), smoothstep(-0.1, 0.1, away));",
        2,
        2,
    ),
    picture(
        "Two lights",
        (_FIELD, _FIELD, _TINT),
        _X + "float y = {1}(p, t, r);\nreturn {2}(x, r) * (0.7 + {0.25..0.45} * clamp(y, -1.0, 1.0));",
        0,
        4,
    ),
    picture(
        "Two materials",
        (_FIELD, _FIELD, _TINT, _TINT),
        _X + "float y = {1}(p, t, r);\n"
        "return mix({2}(y, r), {3}({0.3..1.0} * x - 0.5 * y, r), smoothstep(-{0.05..0.3}, {0.05..0.3}, x));",
        0,
        5,
    ),
    picture(
        "Overprinted",
        (_FIELD, _FIELD, _TINT, _TINT),
        _X + "float y = {1}(p, t, r);\nreturn 1.1 * {2}(x, r) * (0.35 + 0.65 * {3}(y, r));",
        0,
        3,
    ),
    picture(
        "Dispersed",
        (_FIELD, _TINT),
        "float spread = {0.02..0.08};\n"
        "vec3 x = vec3(0.0);\n"
        "for (int i = 0; i < 3; i++) x[i] = {0}(p * (1.0 + spread * float(i - 1)), t, r);\n"
        "return mix({1}(x.y, r), 0.5 + {0.35..0.45} * x, {0.4..0.8});",
        1,
        3,
        3,
    ),
    picture(
        "Streaks",
        (_FIELD, _TINT),
        "vec3 sum = vec3(0.0);\n"
        "vec2 stride = {0.03..0.08} * {way};\n"
        "for (int i = 0; i < 4; i++) sum += {1}({0}(p + float(i) * stride, t, r), r);\n"
        "return 0.25 * sum;",
        2,
        1,
        4,
    ),
    picture(
        "Rays",
        (_FIELD, _TINT),
        "float sum = 0.0, fade = 1.0;\n"
        "for (int i = 0; i < 5; i++) {\n"
        "  sum += fade * {0}(p * (1.0 - {0.04..0.09} * float(i)), t, r);\n"
        "  fade *= 0.8;\n"
        "}\n"
        "return {1}(0.4 * sum, r) * (0.95 - 0.25 * length(p));",
        2,
        1,
        5,
    ),
    relief(
        "Relief",
        (_FIELD, _TINT),
        "vec3 normal = normalize(vec3(-{0.15..0.5} * slope, 1.0));\n"
        "float light = dot(normal, normalize(vec3({way}, {0.6..1.2})));\n"
        "return {1}(x, r) * (0.3 + {0.7..0.9} * max(light, 0.0));",
        4,
        5,
    ),
    relief(
        "Polished",
        (_FIELD, _TINT),
        "vec3 normal = normalize(vec3(-{0.1..0.3} * slope, 1.0));\n"
        "float gloss = pow(max(dot(normal, normalize(vec3({way}, 1.6))), 1e-3), {12.0..40.0});\n"
        "return {1}(x, r) * (0.4 + 0.5 * normal.z) + {0.3..0.7} * gloss;",
        6,
        3,
    ),
    relief(
        "Contours",
        (_FIELD, _TINT),
        "float lines = {2.0..5.0}, level = lines * x;\n"
        "float away = abs(fract(level) - 0.5) / (lines * length(slope) + 0.2);\n"
        "return {1}(x, r) * mix({0.15..0.5}, 1.0, smoothstep(0.0, {0.01..0.03} + pixel, away));",
        3,
        3,
    ),
    relief(
        "Drawn lines",
        (_FIELD, _TINT, _TINT),
        "float away = abs(x) / (length(slope) + 0.3);\n"
        "return mix({2}(-0.7, r), {1}(0.7 - 0.4 * p.y, r), smoothstep(0.01, {0.06..0.13}, away));",
        3,
        2,
    ),
    relief(
        "Glowing lines",
        (_FIELD, _TINT),
        "float away = abs(x) / (length(slope) + 0.3);\n"
        "return {1}({0.4..0.8} * x + 0.2, r) * (0.3 + {0.03..0.06} / (away + 0.03));",
        3,
        3,
    ),
    relief(
        "Under glass",
        (_FIELD, _FIELD, _TINT),
        "float y = {1}(p - {0.05..0.15} * slope / (1.0 + 0.25 * length(slope)), t, r);\n"
        "float gloss = smoothstep(0.2, 1.0, dot(slope, {way}) * {0.15..0.3});\n"
        "return {2}(y, r) * (0.85 + 0.15 * x) + 0.35 * gloss;",
        2,
        3,
    ),
    relief(
        "Iridescent",
        (_FIELD, _TINT),
        "float facing = inversesqrt(1.0 + {0.05..0.3} * dot(slope, slope));\n"
        "vec3 sheen = film({3.0..6.0} + {0.5..1.5} * x + 2.5 * facing);\n"
        "return mix({1}(x, r), sheen, {0.4..0.8}) * (0.4 + 0.6 * facing);",
        5,
        2,
        "palette",
    ),
)
