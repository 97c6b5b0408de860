"""Settings of every family, drawn from all that its annotations allow."""

from hypothesis import strategies as st

from patterngen.families import known_families
from patterngen.families.model.settings import setting_types
from tests.patterngen.families.exported import small_encoder

FRACTALS = ("fractal-color", "fractal-multi", "fractaldb", "ofdb", "one-parameter-fractal", "exfractal")
STYLEGANS = ("stylegan-random", "stylegan-highfreq", "stylegan-sparse", "stylegan-oriented")

CHEAP = {
    "automaton": {"entropy_low": st.floats(0, 0.3), "entropy_high": st.floats(0.6, 1)},
    "masked": {"of": st.sampled_from(["perlin,fbm", "dead-leaves-squares,(perlin?colours=1)"])},
    "dead-leaves-textures": {"textures": st.integers(1, 8)},
    **{name: {"points": st.integers(1000, 3000)} for name in FRACTALS},
    "mixup": {"of": st.sampled_from(["perlin", "fbm,(perlin?colours=1)"]), "k": st.integers(1, 5)},
    "smooth": {"of": st.sampled_from(["perlin", "(dead-leaves-mixed?exponent=1)", "mixup:perlin,fbm"])},
    "reaction-diffusion": {
        **dict.fromkeys(("lattice_low", "lattice_high"), st.integers(16, 40)),
        **dict.fromkeys(("steps_low", "steps_high"), st.integers(50, 400)),
    },
    "shader-grammar": {"programs": st.integers(100, 2**31), "program": st.sampled_from([-1, 0, 99])},
    "shaders": {
        **dict.fromkeys(("program", "dir", "keep"), st.just("")),
        "kind": st.sampled_from(["", "fractal", "waves"]),
        "ground": st.sampled_from(["", "full"]),
        "colour": st.sampled_from(["", "coloured"]),
    },
    "worley": dict.fromkeys(("points_low", "points_high"), st.integers(1, 3000)),
    **{
        name: {"channels_base": st.integers(4096, 8192), "channels_max": st.integers(4, 16)}
        for name in STYLEGANS
    },
    "feature-vis-random": {"steps": st.integers(1, 2), "model": st.just("resnet18")},
    "feature-vis-dead-leaves": {"steps": st.integers(1, 2), "encoder": st.builds(small_encoder)},
}
"""Strategies instead of a setting's whole range, where that would make pictures dear, or where it is text."""

READY = {
    **dict.fromkeys(STYLEGANS, lambda: {"channels_base": 4096, "channels_max": 16}),
    "feature-vis-random": lambda: {"steps": 2, "model": "resnet18"},
    "feature-vis-dead-leaves": lambda: {"steps": 2, "encoder": small_encoder()},
}
"""Settings instead of the defaults, where these are dear or where there are none."""

SIZES: dict[str, tuple[int, ...]] = dict.fromkeys(STYLEGANS, (4, 8, 16, 32, 64))
"""The only sizes that a family draws, if it cannot draw any."""

PAIRS = (("_low", "_high"), ("_min", "_max"))
"""Endings of two settings of which the first must not exceed the second."""


def ready(name):
    """Make a family as the tests of all families use it: with its defaults, or cheaper."""
    return known_families()[name](**READY.get(name, dict)())


def seeds_of(name):
    """Any seed; of families whose upper half is dear, such as a network, a few of those."""
    if known_families()[name].seed_group == 1:
        return st.integers(0, 2**63 - 1)
    upper, lower = st.sampled_from((0, 1, 2**31 - 1)), st.integers(0, 2**32 - 1)
    return st.builds(lambda high, low: (high << 32) + low, upper, lower)


def sizes(name, low=1, high=48):
    return st.sampled_from(SIZES[name]) if name in SIZES else st.integers(low, high)


@st.composite
def settings_of(draw, name):
    """Draw the settings of a family."""
    values = {}
    for key, kind in setting_types(known_families()[name]).items():
        cheap = CHEAP.get(name, {})
        values[key] = draw(cheap[key] if key in cheap else _strategy(name, key, kind))
    for low_end, high_end in PAIRS:
        for low in [key for key in values if key.endswith(low_end)]:
            high = low.removesuffix(low_end) + high_end
            if high in values:
                values[low], values[high] = sorted((values[low], values[high]))
    return values


def _strategy(name, key, kind):
    if kind.choices:
        return st.sampled_from(kind.choices)
    if kind.type is bool:
        return st.booleans()
    assert kind.range is not None, f"{name}.{key} says no range: annotate it, or give it one in CHEAP"
    if kind.type is int:
        return st.integers(int(kind.range.low), int(kind.range.high))
    return st.floats(kind.range.low, kind.range.high)
