"""Which programs are worth drawing with, by measurement: library, grammar and user programs alike."""

import math
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.metrics import total_variation
from patterngen.shaders.language.noted import NOT_NUMBERS
from patterngen.shaders.language.parameters import draw_values
from patterngen.shaders.language.program import Program
from patterngen.shaders.language.translate import Reading, translate
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.options import current, drawing
from patterngen.shaders.render.renderer import Values, renderer
from patterngen.sizes import picture_shape

PROBES = 6
"""Pictures of each program: the same times and random numbers for all, spread over U(0.1, 10) s."""

LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in luma (ITU-R BT.601)."""

_REDUCED = 16
"""Rows and columns of a picture made small."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a program has to keep to."""

    size: int | str = 256
    """Pixels of the pictures that will be drawn: 256 (a square) or 80x208 (height x width)."""
    tv_low: float = 0.0
    """Leave out programs of less Total Variation."""
    tv_high: float = 2.0
    """Leave out programs of more Total Variation."""
    contrast_low: float = 0.0
    """Leave out programs of less contrast: the standard deviation of luma in [0, 1]."""
    contrast_high: float = 0.5
    """Leave out programs of more contrast."""
    bytes_low: float = 0.0
    """Leave out programs whose pictures zlib makes smaller, in bytes per pixel."""
    bytes_high: float = 4.0
    """Leave out programs whose pictures zlib makes no smaller, in bytes per pixel."""
    slowest: float = 1000.0
    """Leave out programs that take more milliseconds for a picture."""
    shader_budget: float = 1.0
    """Seconds after which a picture is given up."""
    not_numbers: float = 0.5
    """Leave out programs of which a greater share of colours are no numbers, which are drawn as black."""
    constant: float = 0.5
    """Leave out programs of one colour at this share of their times or more."""
    saturated: float = 0.95
    """Leave out programs of which a greater share of pixels are black, or white."""
    alike: float = 0.1
    """Leave out programs that brighten and darken where an earlier one does, but for this share of places."""

    def __post_init__(self) -> None:
        if min(picture_shape(self.size)) < _REDUCED:
            raise PatternGenError(
                f"size {self.size}: give {_REDUCED} pixels or more, to tell programs apart by"
            )
        for name in ("not_numbers", "constant", "saturated", "alike"):
            if not 0 <= getattr(self, name) <= 1:
                raise PatternGenError(
                    f"{name} {getattr(self, name):g}: give a share from 0 to 1".replace("_", "-")
                )
        for low, high in (
            ("tv_low", "tv_high"),
            ("contrast_low", "contrast_high"),
            ("bytes_low", "bytes_high"),
        ):
            if not 0 <= getattr(self, low) <= getattr(self, high):
                values = f"{low} {getattr(self, low):g}, {high} {getattr(self, high):g}"
                raise PatternGenError(f"{values}: give 0 ≤ {low} ≤ {high}".replace("_", "-"))
        for name in ("slowest", "shader_budget"):
            if not 0 < getattr(self, name) < math.inf:
                named = name.replace("_", " ")
                raise PatternGenError(f"{named} {getattr(self, name):g}: give a number above 0")


@dataclass(frozen=True)
class Assessment:
    """What was found of one program; the numbers are NaN if it could not be drawn."""

    name: str
    kind: str
    """Kind of the program, if it says one, or else its dialect; empty if it could not be read."""
    ms: float
    """Milliseconds per picture."""
    tv: float
    contrast: float
    """Standard deviation of luma, mean of its pictures."""
    bytes_per_pixel: float
    reason: str
    """Why it is left out; empty if it is kept."""
    notes: tuple[str, ...] = ()
    """What of it is not known here, and what stands for that."""

    @property
    def kept(self) -> bool:
        """Whether it is worth drawing with."""
        return not self.reason


@dataclass(frozen=True)
class Probed:
    """A program with the pictures that it was assessed by.

    Attributes:
        assessment: what was found.
        times: when each picture was drawn, in seconds, float32 [N].
        pictures: uint8 [N, H, W, 3]; none of a program that could not be drawn.
    """

    assessment: Assessment
    times: NDArray[np.float32]
    pictures: NDArray[np.uint8]


@dataclass
class Curator:
    """Assesses programs one after the other, and leaves out those nearly identical to one that it kept.

    Attributes:
        limits: what they have to keep to.
        reading: how their texts are taken.
        isf_inputs: whether inputs of ISF programs are drawn from their ranges or at their default.
    """

    limits: Limits = field(default_factory=Limits)
    reading: Reading = field(default_factory=Reading)
    isf_inputs: Literal["drawn", "default"] = "drawn"

    def __post_init__(self) -> None:
        rng = np.random.default_rng(0)
        strata = (np.arange(PROBES) + rng.random(PROBES)) / PROBES
        self._times = (0.1 + 9.9 * strata).astype(np.float32)
        self._randoms = rng.random((PROBES, 4)).astype(np.float32)
        self._hashes: dict[str, NDArray[np.bool_]] = {}

    def assess(self, program: Program) -> Assessment:
        """Compile a program, draw its probes and measure them.

        Raises:
            PatternGenError: there is no OpenGL.
        """
        return self.probe(program).assessment

    def probe(self, program: Program) -> Probed:
        """Do as `assess`, and return the probes, too."""
        none = np.zeros((0, *picture_shape(self.limits.size), 3), np.uint8)
        unknown = Assessment(program.name, "", math.nan, math.nan, math.nan, math.nan, "")
        try:
            fragment = translate(program, self.reading)
        except PatternGenError as error:
            return Probed(replace(unknown, reason=str(error)), self._times[:0], none)
        unknown = replace(unknown, kind=program.kind or fragment.dialect, notes=fragment.notes)
        with drawing(replace(current(), budget=self.limits.shader_budget)):
            open_to = fragment.parameters if self.isf_inputs == "drawn" else {}
            values = [draw_values(open_to, seed) for seed in range(PROBES)]
            pictures, reason = self._draw(program, values)
            if reason:
                return Probed(replace(unknown, reason=reason), self._times[:0], none)
            ms = self._time(program, values)
        wrong = float(np.mean(pictures < 0))
        shown = np.floor(255.0 * np.clip(pictures, 0.0, 1.0) + 0.5).astype(np.uint8)
        if np.isnan(ms):
            reason = f"{program.file}: takes more than {self.limits.shader_budget:g} s for one picture"
            return Probed(replace(unknown, reason=reason), self._times, shown)
        found = replace(
            unknown,
            ms=ms,
            tv=float(total_variation(shown).tv.mean()),
            contrast=float((shown @ LUMA / 255).std((1, 2)).mean()),
            bytes_per_pixel=float(np.mean([len(zlib.compress(picture.tobytes())) for picture in shown]))
            / shown[0, ..., 0].size,
        )
        if wrong:
            found = replace(found, notes=(*found.notes, f"{NOT_NUMBERS}: {_percent(wrong)}"))
        reason = (
            f"not a number: {_percent(wrong)} of its colours"
            if wrong > self.limits.not_numbers
            else self._fault(found, shown)
        )
        found = replace(found, reason=reason or self._likeness(program.name, shown))
        return Probed(found, self._times, shown)

    def _draw(self, program: Program, values: Sequence[Values]) -> tuple[NDArray[np.float32], str]:
        """Draw the probes; return them, and why they could not be drawn."""
        canvas = Canvas(self.limits.size, dtype="f4", reading=replace(self.reading, marking=True))
        probes = [program] * PROBES
        tried = renderer().attempt(probes, self._times, self._randoms, canvas, values)
        return tried.pixels, tried.losses.get(program, "")

    def _time(self, program: Program, values: Sequence[Values]) -> float:
        """Return the milliseconds of a picture, compiled before; the least of two."""
        least = math.inf
        for _ in range(2):
            start = time.perf_counter()
            if self._draw(program, values)[1]:
                return math.nan
            least = min(least, time.perf_counter() - start)
        return 1e3 * least / PROBES

    def _fault(self, found: Assessment, shown: NDArray[np.uint8]) -> str:
        """Say what a program's measures are beyond its limits."""
        flat = shown.reshape(PROBES, -1, 3)
        constant = (np.ptp(flat, axis=1) <= 1).all(axis=1)
        if constant.any() and constant.mean() >= self.limits.constant:
            colour = tuple(flat[constant][0, 0].tolist())
            return f"constant: all {colour} at {constant.sum()} of {PROBES} times"
        ends = {
            end: float((flat == value).all(axis=2).mean()) for end, value in (("black", 0), ("white", 255))
        }
        for end, share in ends.items():
            if share > self.limits.saturated:
                return f"saturated: {_percent(share)} of its pixels are {end}"
        limits = self.limits
        if found.ms > limits.slowest:
            return f"too slow: {found.ms:.0f} ms per picture, more than {limits.slowest:g}"
        for what, value, low, high in (
            ("tv", found.tv, limits.tv_low, limits.tv_high),
            ("contrast", found.contrast, limits.contrast_low, limits.contrast_high),
            ("bytes per pixel", found.bytes_per_pixel, limits.bytes_low, limits.bytes_high),
        ):
            if not low <= value <= high:
                return f"{what} {value:.3g} is not in [{low:g}, {high:g}]"
        return ""

    def _likeness(self, name: str, shown: NDArray[np.uint8]) -> str:
        """Name a kept program that this one is nearly identical to; note this one if there is none."""
        own = perceptual_hash(shown).reshape(-1)
        for other, bits in self._hashes.items():
            if difference(own, bits) <= self.limits.alike:
                return f"nearly identical to {other}"
        self._hashes[name] = own
        return ""


def perceptual_hash(pictures: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return 960 bits of each picture: where it brightens and where it darkens, to the right and downward.

    The picture's luma is averaged down to 16², and neighbours are compared. Steps of less than a grey level
    count as none: on which side of nothing they fall says nothing.

    Args:
        pictures: uint8 [N, H, W, 3], both at least 16.

    Returns:
        bool [N, 960].
    """
    small = pictures @ np.array([0.299, 0.587, 0.114])
    for axis in (1, 2):
        edges = np.arange(_REDUCED + 1) * small.shape[axis] // _REDUCED
        sums = np.moveaxis(np.add.reduceat(small, edges[:-1], axis), axis, -1) / np.diff(edges)
        small = np.moveaxis(sums, -1, axis)
    slopes = np.concatenate([np.diff(small, axis=k).reshape(len(small), -1) for k in (1, 2)], axis=1)
    return np.concatenate([slopes >= 1.0, slopes <= -1.0], axis=1)


def difference(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return which part of the bits that are set in either hash is not set in both, in [0, 1]."""
    return float((one ^ other).sum() / max(1, (one | other).sum()))


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
