"""What is there: fields of one part, and what blends and reshapes them."""

from patterngen.shaders.grammar.productions import Kind, Library, Production

_POINT, _SHAPE, _VALUE = Kind.POINT, Kind.SHAPE, Kind.VALUE


def _field(name: str, code: str, cost: int, weight: int, *uses: Library) -> Production:
    return Production(name, _VALUE, (_POINT,), code, cost, weight, uses)


def _blend(name: str, count: int, code: str, weight: int, *uses: Library) -> Production:
    return Production(name, _VALUE, (_VALUE,) * count, code, 1, weight, uses)


_NOISES = (
    _field("noise", "1.8 * noise({1.0..2.5} * {0} + {shift})", 5, 3, "noise"),
    _field("living noise", "1.8 * noise(vec3({1.0..2.2} * {0} + {shift}, {0.2..0.5} * t))", 10, 1, "noise"),
    _field("clouds", "1.5 * fbm({0.7..1.6} * {0} + {shift}, {2..4i})", 11, 4, "noise"),
    _field("stretched grain", "1.8 * noise({0} * vec2({0.4..0.8}, {3.0..6.0}) + {shift})", 5, 2, "noise"),
    _field("crests", "ridged({0.7..1.5} * {0} + {shift}, {2..4i})", 11, 4, "field"),
    _field("billows", "billow({0.8..1.8} * {0} + {shift}, {1..3i})", 9, 3, "field"),
    _field("strata", "strata({2.0..5.0} * dot({0}, {way}) + 40.0 * r.x, {1..99i})", 4, 3, "field"),
)
_CELLS = (
    _field("cells", "1.8 * cells({1.2..3.0} * {0} + {shift}, {phase}).near - 0.9", 13, 3, "cells"),
    _field(
        "bubbles", "1.0 - 3.0 * pow(cells({1.2..2.6} * {0} + {shift}, {phase}).near, 2.0)", 13, 2, "cells"
    ),
    _field("stones", "2.6 * stones({1.2..2.8} * {0} + {shift}, {phase}) - 1.0", 13, 2, "mosaic"),
    _field("shards", "2.0 * hash2(cells({1.2..2.8} * {0} + {shift}, {phase}).id).x - 1.0", 13, 2, "cells"),
)
_WAVES = (
    _field("stripes", "sin({3.0..9.0} * dot({0}, {way}) + {phase})", 1, 3),
    _field("rings", "sin({4.0..11.0} * length({0}) - ({phase}))", 1, 3),
    _field("crystal", "crystal({5.0..12.0} * {0}, {3..7i}, {phase})", 5, 3, "wave"),
    _field("labyrinth", "labyrinth({5.0..12.0} * {0} + {shift}, {6..9i}, {1..99i}, {phase})", 9, 3, "wave"),
    _field(
        "interference", "sources({6.0..14.0} * {0}, {2..5i}, {4.0..9.0}, {1..99i}, {phase})", 5, 3, "wave"
    ),
    _field("plate", "plate({1.2..2.6} * {0} + 0.3 * r.zw, {1..4#}, {2..6#})", 3, 2, "wave"),
    _field("spiral", "spiral({0}, {1..7#}, {-9.0..9.0}, {phase})", 3, 4, "wave"),
    _field("rose", "rose({0}, {3..9#}, {0.1..0.4}, {4.0..10.0}, {phase})", 3, 3, "wave"),
    _field("plasma", "plasma({1.5..4.0} * {0}, {phase})", 3, 3, "wave"),
    _field("checks", "sin({2.5..6.0} * {0}.x + 6.283 * r.x) * sin({2.5..6.0} * {0}.y + 6.283 * r.y)", 2, 2),
    _field("gyroid", "0.8 * gyroid(vec3({2.5..5.0} * {0} + 6.283 * r.xy, {phase}))", 4, 3, "solid"),
)
_TILES = (
    _field("truchet", "truchet({1.5..3.5} * {0} + {shift}, {1..999i})", 2, 3, "mosaic"),
    _field("cushions", "pillows({1.5..3.5} * {0} + {shift}, {1..999i})", 2, 2, "mosaic"),
    _field("cloth", "weave({1.5..4.0} * {0} + {shift})", 2, 2, "mosaic"),
    _field("honeycomb", "comb({1.2..3.5} * {0} + {shift})", 2, 2, "mosaic"),
    _field("facets", "facets({1.2..3.0} * {0} + {shift}, {1..999i})", 3, 2, "mosaic"),
    _field("panes", "panes({0.8..1.8} * {0} + {shift}, {1..999i})", 3, 2, "mosaic"),
    _field("dots", "dots({1.5..3.5} * {0} + {shift}, {1..999i})", 2, 2, "mosaic"),
)
_ORBITS = (
    _field(
        "escape",
        "escape({0.9..1.4} * {0}, 0.76 * polar(1.0, {1.9..4.4} + 0.25 * r.x), {12..22i})",
        9,
        2,
        "orbit",
    ),
    _field("islands", "escape(vec2(0.0), {0.6..1.1} * {0} - vec2(0.6, 0.0), {12..20i})", 9, 1, "orbit"),
    _field(
        "orbits",
        "circle_trap({0.8..1.2} * {0}, polar({0.5..0.9}, {0.0..6.2} + 0.3 * r.x), {0.2..0.8}, {6..12i})",
        7,
        2,
        "orbit",
    ),
    _field(
        "crosses",
        "cross_trap({0.8..1.2} * {0}, polar({0.5..0.9}, {0.0..6.2} + 0.3 * r.x), {5..10i})",
        6,
        2,
        "orbit",
    ),
    _field("basins", "newton({0.8..1.4} * {0}, {3..5i}, {0.7..1.2}, {4..7i})", 9, 3, "orbit"),
    _field(
        "shrine",
        "shrine({0.7..1.2} * {0}, vec2({0.5..0.9}, {0.4..0.9}) + 0.1 * (r.xy - 0.5), {4..6i})",
        5,
        3,
        "orbit",
    ),
)
_LARGE = (
    _field("slope", "{0.8..1.4} * dot({0}, {way})", 0, 2),
    _field("hollow", "1.0 - {0.9..1.6} * length({0})", 0, 2),
    _field("saddle", "{1.0..2.0} * {0}.x * {0}.y", 0, 2),
)
_DRAWN = (
    Production("figure", _VALUE, (_SHAPE,), "clamp(-{3.0..9.0} * {0}, -1.0, 1.0)", 0, 7),
    Production("isolines", _VALUE, (_SHAPE,), "cos({6.0..16.0} * {0} - ({phase}))", 1, 7),
    Production("halo", _VALUE, (_SHAPE,), "2.0 * exp(-{2.0..6.0} * abs({0})) - 1.0", 1, 4),
)
_BLENDS = (
    _blend("sum", 2, "0.65 * ({0} + {1})", 3),
    _blend("both", 2, "{0} + {0.2..0.5} * {1}", 4),
    _blend("lower", 2, "min({0}, {1})", 1),
    _blend("higher", 2, "max({0}, {1})", 1),
    _blend("joined", 2, "-smooth_min(-{0}, -{1}, {0.3..0.9})", 3, "shape"),
    _blend("product", 2, "1.5 * {0} * {1}", 3),
    _blend("apart", 2, "1.4 * abs({0} - {1}) - 0.7", 3),
    _blend("modulated", 2, "sin({1.5..4.0} * {0} + {1.0..3.0} * {1})", 4),
    _blend("inverted", 2, "{0} * clamp({2.0..6.0} * {1}, -1.0, 1.0)", 3),
    _blend("layered", 3, "mix({0}, {1}, smoothstep(-{0.1..0.5}, {0.1..0.5}, {2}))", 3),
    _blend("bands", 1, "sin({3.0..8.0} * {0} + {phase})", 5),
    _blend("folded", 1, "1.5 * abs({0}) - 0.7", 2),
    _blend("hardened", 1, "2.0 * smoothstep(-{0.1..0.4}, {0.1..0.4}, {0}) - 1.0", 2),
    _blend("terraces", 1, "terraces({0}, {2.0..4.0})", 2, "wave"),
)

VALUES = _NOISES + _CELLS + _WAVES + _TILES + _ORBITS + _LARGE + _DRAWN + _BLENDS
FIELDS = (Production("field", Kind.FIELD, (Kind.PLANE, _VALUE), "", 0),)
