"""Where to look: maps of the plane, and shapes in it."""

from dataclasses import replace

from patterngen.shaders.grammar.productions import Kind, Production

_PLANE, _POINT, _SHAPE = Kind.PLANE, Kind.POINT, Kind.SHAPE


def _warp(name: str, code: str, cost: int, weight: int = 2) -> Production:
    return Production(name, _PLANE, (_PLANE,), code, cost, weight, ("warp",))


_FRAMES = (
    Production(
        "frame", _PLANE, (), "{0.5..1.6} * {vary} * turn(p, 6.283 * r.y) + {centre}", 2, 3, ("plane",)
    ),
    Production(
        "frame", _PLANE, (), "{0.5..1.6} * {vary} * turn(p, {0.0..6.28} + r.z) + {centre}", 2, 2, ("plane",)
    ),
    Production("frame", _PLANE, (), "{0.6..1.6} * {vary} * p + {centre}", 1, 2),
    Production(
        "frame", _PLANE, (), "{0.6..1.6} * {vary} * p * vec2({0.5..1.0}, {1.0..2.0}) + {centre}", 1, 1
    ),
)

_GENTLE = (
    _warp("swirled", "swirl({0}, {centre}, {-3.5..3.5}, {0.5..1.3})", 2, 4),
    _warp("magnified", "lens({0}, {centre}, {0.5..1.1}, {1.5..4.0})", 1, 2),
    _warp("cushioned", "cushion({0}, {-0.3..0.7})", 1),
    _warp("rippled", "ripple({0}, {0.08..0.35}, {1.5..5.0}, {phase})", 2, 4),
    _warp("pulsing", "pulse({0}, {0.1..0.35}, {3.0..9.0}, {phase})", 1, 2),
    _warp("drifted", "drift({1.0..2.2} * {0}, {0.3..0.9}, {shift})", 9, 5),
    _warp("carried along", "current({1.0..1.8} * {0}, {0.06..0.2}, {shift})", 16, 4),
    _warp("sheared", "{0} + vec2({-0.8..0.8} * {0}.y, 0.0)", 1, 1),
    _warp("bowed", "{0} + vec2(0.0, {0.15..0.5} * sin({1.5..4.0} * {0}.x + {phase}))", 1, 2),
)

_STRONG = (
    _warp("folded", "fold({0}, {3..9#})", 4, 5),
    _warp("folded twice", "fold(fold({0}, {3..7#}) - vec2({0.3..0.9}, 0.0), {3..6#})", 7, 2),
    _warp("mirrored", "{1.0..2.0} * mirrors({0.7..1.5} * {0})", 1, 2),
    _warp("mirrored in squares", "{1.0..2.2} * square_mirrors({0.7..1.8} * {0})", 1, 3),
    _warp("mirrored in hexagons", "{2.0..4.0} * hexagon_mirrors({0.6..1.4} * {0})", 5, 3),
    _warp(
        "creased", "crease({0}, vec2({0.2..0.7}, {0.1..0.6}), {0.3..2.8} + {0.3..0.9} * r.x, {2..4i})", 4, 5
    ),
    _warp("unrolled", "rings_to_rows({0}, {2..5#}) + vec2(-{0.05..0.2} * t, 0.0)", 2, 2),
    _warp("coiled", "{0.8..1.6} * coil({0}, {2..6#}, {-5..5#}) + vec2({0.03..0.15} * t, 0.0)", 4, 4),
    _warp("in a hall", "{0.5..1.0} * hall({0}, {0.3..0.6})", 1, 2),
    _warp("squared", "{0.5..1.0} * square({0})", 1, 3),
    _warp("turned outside", "{0} * {0.7..1.3} / (dot({0}, {0}) + {0.2..0.6})", 1, 3),
    _warp(
        "turned hyperbolically", "mobius({0.4..0.7} * {0}, 0.7 * turn(vec2({0.3..0.9}, 0.0), {phase}))", 3, 3
    ),
    _warp("parted", "around({1.0..2.0} * {0})", 1, 2),
    _warp("through a sine", "sine({1.0..1.7} * {0})", 4, 2),
    _warp("slipped", "slip({2.0..5.0} * {0}, {0.3..1.5}, {1..99i}) * {0.25..0.5}", 2, 1),
)

_HERE = Production("here", _POINT, (), "", 0)

_DISPLACED = Production(
    "displaced",
    _POINT,
    (_POINT, Kind.VALUE),
    "{0} + {0.1..0.35} * vec2(cos({1.5..4.0} * {1}), sin({1.5..4.0} * {1}))",
    2,
    6,
)


def _shape(name: str, code: str, cost: int, weight: int = 2) -> Production:
    return Production(name, _SHAPE, (_POINT,), code, cost, weight, ("plane", "shape"))


def _joint(name: str, code: str, cost: int, weight: int = 2) -> Production:
    return Production(name, _SHAPE, (_SHAPE, _SHAPE), code, cost, weight, ("shape",))


SHAPES = (
    _shape("disc", "length({0} - ({centre})) - {0.2..0.6}", 1),
    _shape("ring", "abs(length({0} - ({centre})) - {0.3..0.7}) - {0.04..0.2}", 1, 3),
    _shape("box", "box(turn({0} - ({centre}), {phase}), vec2({0.15..0.6}, {0.15..0.6})) - {0.0..0.1}", 2, 3),
    _shape("polygon", "polygon(turn({0} - ({centre}), {phase}), {3..8#}, {0.2..0.6})", 4, 3),
    _shape("star", "star(turn({0} - ({centre}), {phase}), {3..9#}, {0.5..0.9}, {0.15..0.4})", 5, 3),
    _shape("arc", "arc(turn({0} - ({centre}), {phase}), {0.8..2.6}, {0.3..0.7}, {0.04..0.16})", 3),
    _shape("bar", "segment({0}, {centre}, {centre} + {way}) - {0.05..0.25}", 2),
    _shape("lattice of discs", "length(mod({0} + 0.5, 1.0) - 0.5) - {0.15..0.4}", 1, 2),
    _shape(
        "lattice of boxes",
        "box(turn(mod({0} + 0.5, 1.0) - 0.5, {phase}), vec2({0.1..0.3}, {0.1..0.3}))",
        2,
        1,
    ),
    _joint("united", "min({0}, {1})", 0),
    _joint("merged", "smooth_min({0}, {1}, {0.15..0.6})", 1, 6),
    _joint("cut", "max({0}, {0.05..0.2} - {1})", 0),
    _joint("exclusive", "max(min({0}, {1}), -max({0}, {1}))", 0),
)

PLANES = _FRAMES + _GENTLE + _STRONG
POINTS = (
    _HERE,
    _DISPLACED,
    *(replace(warp, makes=_POINT, takes=(_POINT,)) for warp in _GENTLE),
    *(replace(warp, makes=_POINT, takes=(_POINT,), weight=1) for warp in _STRONG),
)
