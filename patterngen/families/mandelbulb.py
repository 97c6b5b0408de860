"""`mandelbulb`: bounded orbits in space, one solid for each of 4096 rules, seen from a random side.

The solid of a rule holds the points c whose orbit z → f(z) + c from 0 stays near the origin. In spherical
coordinates r, θ (from the z axis) and φ, each coordinate of f is r⁸ times a sign and one of eight: a sine or
cosine of 8θ times one of 8φ, or a single one of these four. Sixteen forms for each of x, y and z are 4096
rules, no two of them the same function. White and Nylander's Mandelbulb is that of
(sin 8θ cos 8φ, sin 8θ sin 8φ, cos 8θ). That variations of its signs, sines and angles make classes is from
Chiche et al. (2024); the table of forms is ours.

No solid is empty. The forms are at most 1, so |f| ≤ √3 r⁸; an orbit whose c lies within 7/8 · R of the
origin, R = (8√3)^(−1/7) ≈ 0.69, never leaves the ball of radius R. Every view looks at that inner ball.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.families import register
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Param, Pictures
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.rng import below, bits, stream
from patterngen.shaders.language.program import Program, read_program, shader_folder
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.renderer import renderer

FORMS = tuple(
    sign + form
    for form in (
        *("sin 8θ sin 8φ", "cos 8θ sin 8φ", "sin 8θ cos 8φ", "cos 8θ cos 8φ"),
        *("sin 8θ", "cos 8θ", "sin 8φ", "cos 8φ"),
    )
    for sign in ("", "−")
)
"""What a coordinate of f may be, over r⁸. The program tells them by the four bits of their place here."""

RULES = len(FORMS) ** 3
"""Rules are numbered x + 16·y + 256·z, where x, y and z are the places of the forms."""


def forms(rule: int) -> tuple[str, str, str]:
    """Return what the coordinates x, y and z of a rule are, over r⁸."""
    count = len(FORMS)
    return FORMS[rule % count], FORMS[rule // count % count], FORMS[rule // count**2]


@kernel
def _draw_numbers(seeds: NDArray[np.uint64], rules: NDArray[np.int64], randoms: NDArray[np.float32]) -> None:
    """Draw a rule and four numbers of [0, 1) for each seed: whole multiples of 2⁻²⁴, exact in float32."""
    for n in range(len(seeds)):
        s = stream(seeds[n])
        rules[n] = below(s, RULES)
        for k in range(4):
            randoms[n, k] = np.float32(bits(s) >> np.uint64(40)) * np.float32(1.0 / 16777216.0)


@register
@dataclass(frozen=True, kw_only=True)
class Mandelbulb(Family):
    """Solid fractals in space, budding, spiked or leafed, lit and coloured, each from a random side."""

    name: ClassVar[str] = "mandelbulb"
    version: ClassVar[int] = 1
    source: ClassVar[str] = (
        "White & Nylander, the Mandelbulb, 2009; our rules, after Chiche et al., Pre-training Vision Models "
        "with Mandelbulb Variations, CVPR 2024"
    )
    repeats: ClassVar[Literal["everywhere", "per renderer"]] = "per renderer"

    rule: Annotated[int, Range(-1, RULES - 1)] = -1
    """Draw this rule alone, the Mandelbulb itself being 2564; −1 draws each equally often."""
    supersample: Literal[1, 2] = 1
    """Samples per pixel and axis: 2 is smoother and takes four times as long."""

    @property
    def num_classes(self) -> int:
        """One class per rule, also when only one of them is drawn."""
        return RULES

    @property
    def renderer(self) -> str:
        """The name and version that OpenGL reports; opens it."""
        return renderer().name

    def draw_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Pictures:
        """Draw one picture per seed.

        Its params are the forms of x, y and z, over r⁸, and the numbers that set the view (r0 and r1 its
        direction, r2 its roll, r3 its zoom) and together the light and the colours.

        Raises:
            PatternGenError: there is no OpenGL, or the size is beyond what it can draw.
        """
        rules = np.empty(len(seeds), np.int64)
        randoms = np.empty((len(seeds), 4), np.float32)
        _draw_numbers(np.asarray(seeds, np.uint64), rules, randoms)
        if self.rule >= 0:
            rules[:] = self.rule
        pixels = renderer().draw(
            [_program()] * len(seeds),
            rules.astype(np.float32),
            randoms,
            Canvas((height, width), self.supersample),
        )
        params: list[dict[str, Param]] = [
            dict(zip("xyz", forms(rule), strict=True)) | {f"r{k}": number for k, number in enumerate(numbers)}
            for rule, numbers in zip(rules.tolist(), randoms.tolist(), strict=True)
        ]
        return Pictures(pixels, params, rules)


@cache
def _program() -> Program:
    return read_program(shader_folder() / "families" / "mandelbulb.glsl")
