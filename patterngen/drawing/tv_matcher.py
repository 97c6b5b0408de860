"""Bringing one picture to a Total Variation: the search for the filter that reaches it.

Smoother is a Gaussian low-pass exp(−2π²σ²f²), f in cycles a pixel; rougher is a spectral tilt |f|^β. Both act
on the cosine transform (see `cosine`). What they leave is stretched back to each channel's mean and standard
deviation: contrast alone changes Total Variation too, and is not what is meant. But the low-pass may leave
next to nothing of a pattern, a grating say. So there is a limit to the stretch, beyond which contrast falls
after all: nobody wants to see the rounding of the original's bytes and its edges, made large.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patterngen.drawing import filters
from patterngen.drawing.cosine import CosineTransform
from patterngen.kernels.jit import kernel
from patterngen.metrics import total_variation
from patterngen.numba_math import exp, log

TOLERANCE = 0.005
"""The search ends at a Total Variation that differs by this part of the asked one."""
REACHED = 0.02
"""A Total Variation that differs by more than this part of the asked one counts as not reached."""

_MOST_TRIES = 16
_WEAKEST_WIDTH = 0.02  # pixels: no byte changes
_STEEPEST_TILT = 6.0  # beyond it, little but the rounding of the original to bytes is seen
_LEAST = 1e-6  # stands for 0, which has no logarithm; one grey level in all of a picture is more
_DENSE = 0.75 / 255.0
"""Mean over root mean square of a gradient that is everywhere, bytes to tv. Measured; it only guides."""


@dataclass(frozen=True)
class TVMatch:
    """What was done to a picture."""

    sigma: float = 0.0
    """Width of the Gaussian low-pass in pixels; 0 if the picture was not made smoother."""
    tilt: float = 0.0
    """Exponent of the spectral tilt; 0 if the picture was not made rougher."""
    contrast: float = 1.0
    """Standard deviation of the picture's channels relative to what it was."""
    reached: bool = True


class TVMatcher:
    """Brings pictures of one shape to Total Variations, in memory that it uses again.

    Args:
        height: of the pictures in pixels.
        width: likewise.
        stretch: the most by which contrast is stretched that the low-pass has taken, 1 or more.
    """

    def __init__(self, height: int, width: int, *, stretch: float) -> None:
        self._stretch = stretch
        self._transform = CosineTransform(height, width)
        self._radius = filters.radii(height, width)
        self._response = np.empty((width, height), np.float32)
        self._filtered = np.empty((3, width, height), np.float32)
        self._energies = np.empty((2, 3, 3 * max(height, width) // 2 + 1))
        self._tried = np.empty((1, height, width, 3), np.uint8)

    def match(self, picture: NDArray[np.uint8], asked: float) -> TVMatch:
        """Bring a picture, uint8 [height, width, 3], to a Total Variation, in place.

        Where that cannot be reached, it becomes the nearest that was found.
        """
        given = float(total_variation(picture[None]).tv[0])
        if abs(given - asked) <= TOLERANCE * asked or given == 0.0:
            return TVMatch(reached=given > 0.0 or asked == 0.0)
        smoother = asked < given
        stretch = self._stretch if smoother else math.inf
        coefficients = self._transform.forward(picture)
        filters.radial_energies(coefficients, self._radius, self._energies)
        search = _Search(self._energies, picture.shape[:2], smoother, stretch, given, asked)
        contrast = _contrast(picture)
        nearest, best = given, 0.0
        for _ in range(_MOST_TRIES):
            strength = search.next_strength()
            if smoother:
                filters.low_pass(strength, self._response)
            else:
                filters.spectral_tilt(strength, self._radius, self._response)
            targets = filters.respond(coefficients, self._response, stretch, self._filtered)
            filters.to_bytes(self._transform.inverse(self._filtered), targets, self._tried[0])
            tv = float(total_variation(self._tried).tv[0])
            if abs(tv - asked) < abs(nearest - asked):
                nearest, best = tv, strength
                picture[:] = self._tried[0]
            if abs(tv - asked) <= TOLERANCE * asked or not search.learn(tv):
                break
        return TVMatch(
            sigma=best if smoother else 0.0,
            tilt=0.0 if smoother else best,
            contrast=_contrast(picture) / contrast,
            reached=abs(nearest - asked) <= REACHED * asked,
        )


class _Search:
    """Chooses the strengths of a filter to try, until one gives the asked Total Variation.

    Strengths lie on a scale u: log σ of the low-pass, β of the tilt. The spectrum tells the root mean
    square of the gradient at every u. Total Variation is the gradient's mean, which is the smaller part of
    it the sparser the edges are. The search starts where a guess of that part gives the asked value, and
    corrects the guess, to a straight line over u, by how the last two tries differed from it.
    """

    def __init__(
        self,
        energies: NDArray[np.float64],
        shape: tuple[int, ...],
        smoother: bool,
        stretch: float,
        given: float,
        asked: float,
    ) -> None:
        logs = _logs(energies.shape[2])
        size, pixels = max(shape), math.prod(shape)
        self._spectrum = energies, logs, size, pixels, smoother, stretch
        self._smoother = smoother
        self._asked = log(max(asked, _LEAST))
        self._low = log(_WEAKEST_WIDTH) if smoother else 0.0
        self._high = self._end = log(max(size, 2)) if smoother else _STEEPEST_TILT
        self._tried: list[tuple[float, float]] = []
        """Places u that were tried, and the logarithm by which the guess missed there."""
        # The guess is tv = 1 / √(a/rms² + b): the given tv at the given rms, and dense where the filter has
        # left little of the edges.
        part = given / _rms(energies, logs, size, pixels, True, 1.0, -20.0)
        dense = max(part, _DENSE) if smoother else part
        self._a = 1.0 / dense**2
        self._b = (1.0 / part**2 - self._a) * (part / given) ** 2

    def next_strength(self) -> float:
        """Return the width or the tilt to try next."""
        low, high = self._low, self._high
        for _ in range(14):
            self._u = 0.5 * (low + high)
            if (self._expected(self._u) > self._asked) == self._smoother:
                low = self._u
            else:
                high = self._u
        edge = 0.001 * (self._high - self._low)
        if self._high - self._u < edge and self._high == self._end:
            self._u = self._end
        elif self._high - self._u < edge or self._u - self._low < edge:  # expected where it was not found
            self._u = 0.5 * (self._low + self._high)
        return exp(self._u) if self._smoother else self._u

    def learn(self, tv: float) -> bool:
        """Take in what the last strength gave; return whether another may give more."""
        reached = log(max(tv, _LEAST))
        self._tried.append((self._u, reached - self._guess(self._u)))
        if (reached > self._asked) == self._smoother:
            if self._u == self._end:
                return False
            self._low = self._u
        else:
            self._high = self._u
        return self._high - self._low > 1e-4

    def _expected(self, u: float) -> float:
        """Return the logarithm of the Total Variation expected at u."""
        guess = self._guess(u)
        if not self._tried:
            return guess
        last, miss = self._tried[-1]
        if len(self._tried) == 1:
            return guess + miss
        before, missed = self._tried[-2]
        return guess + miss + (miss - missed) / (last - before) * (u - last)

    def _guess(self, u: float) -> float:
        rms = max(_rms(*self._spectrum, u), 1e-9)
        return -0.5 * log(self._a / rms**2 + self._b)


def _contrast(picture: NDArray[np.uint8]) -> float:
    return math.sqrt(float((filters.moments(picture)[:, 1] ** 2).sum()))


@kernel
def _logs(count: int) -> NDArray[np.float64]:
    """Return the logarithms of r / count; that of r = 0 is not needed."""
    out = np.zeros(count)
    for radius in range(1, count):
        out[radius] = log(radius / count)
    return out


@kernel
def _rms(
    energies: NDArray[np.float64],
    logs: NDArray[np.float64],
    size: int,
    pixels: int,
    smoother: bool,
    stretch: float,
    u: float,
) -> float:
    """Return the root mean square of the luma's gradient, in grey levels, that a filter leaves, or nearly."""
    width = math.pi * exp(u) / size if smoother else 0.0
    left = np.zeros((2, 3))
    before = np.zeros(3)
    # The squared Gaussian at r + 1 is that at r times a factor, which itself falls by the same factor.
    passed = 1.0
    factor = exp(-min(width * width, 300.0))
    fall = factor * factor
    for radius in range(1, energies.shape[2]):
        if smoother:
            passed *= factor
            factor *= fall
        else:
            passed = exp(2.0 * u * logs[radius])
        for channel in range(3):
            before[channel] += energies[0, channel, radius]
            left[0, channel] += passed * energies[0, channel, radius]
            left[1, channel] += passed * energies[1, channel, radius]
    total = 0.0
    for channel, weight in enumerate((0.299, 0.587, 0.114)):
        gain = min(stretch * stretch, before[channel] / left[0, channel]) if left[0, channel] > 0.0 else 1.0
        total += weight * gain * left[1, channel]
    return math.sqrt(total) / math.sqrt(pixels)
