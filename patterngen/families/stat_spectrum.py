"""`stat-spectrum`: noise with the power spectrum of natural pictures.

Baradad et al. (2021) start from white noise and ten times force 1/(ε + |fx|^a + |fy|^b) on the amplitudes,
keep the phases, and restore each channel's mean and deviation. When that is the only step, its second
application finds the amplitudes already there and the phases unchanged (the amplitudes are even in fx and
fy, so the picture is real; shift and positive scale touch only the zero frequency, which is set to 0). The
first round is therefore all ten.

The published method always ends with the inverse of the colour step's rotation, also where that step is
off. We do the same: a random palette is drawn, its principal axes are found, and the three channels are
taken as coordinates along them. The channels have equal deviations, so this changes no spectrum; it turns
their means, and so gives each picture its own cast.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.families import register
from patterngen.families.contract import Family, Param, Pictures
from patterngen.families.settings import blank, check_order, check_range
from patterngen.kernels import State, below, cos_sin, kernel, normal, power, stream, uniform

EPSILON = 2.0**-52
"""Keeps the amplitude finite where a frequency is 0."""


@kernel
def amplitudes(a: float, b: float, size: int) -> NDArray[np.float64]:
    """Return 1/(ε + |fx/size|^a + |fy/size|^b) for fy (rows) and fx ≥ 0 (columns), as in `numpy.fft.rfft2`.

    The zero frequency has amplitude 0. The rest are scaled for a picture of variance 1/12, that of uniform
    noise on [0, 1].
    """
    half = size // 2 + 1
    along = np.zeros((2, half))
    for f in range(1, half):
        along[0, f] = power(f / size, a)
        along[1, f] = power(f / size, b)
    amplitude = np.empty((size, half))
    total = 0.0
    for fy in range(size):
        for fx in range(half):
            value = 1.0 / (EPSILON + along[0, fx] + along[1, min(fy, size - fy)]) if fx or fy else 0.0
            amplitude[fy, fx] = value
            # Parseval: a column stands for two, fx and −fx, unless these are one.
            total += value * value * (1.0 if fx == 0 or 2 * fx == size else 2.0)
    if total > 0.0:
        amplitude *= size * size * math.sqrt(1.0 / 12.0 / total)
    return amplitude


@kernel
def add_phases(s: State, amplitude: NDArray[np.float64], spectrum: NDArray[np.complex128]) -> None:
    """Fill one channel's spectrum, complex [H, W/2 + 1] of a real picture: these amplitudes, random phases.

    The phases of white noise of many pixels are independent and uniform, so they are drawn, not transformed.
    """
    size, half = amplitude.shape
    for fy in range(size):
        for fx in range(half):
            c, si = cos_sin(uniform(s, -0.5, 0.5))
            spectrum[fy, fx] = complex(amplitude[fy, fx] * c, amplitude[fy, fx] * si)
    for fx in range(half):
        if fx == 0 or 2 * fx == size:  # −fx is fx here, so the picture is real only if −fy conjugates fy
            for fy in range(size // 2 + 1):
                mirror = (size - fy) % size
                if mirror == fy:
                    sign = 1.0 if spectrum[fy, fx].real >= 0.0 else -1.0
                    spectrum[fy, fx] = sign * amplitude[fy, fx]
                else:
                    spectrum[mirror, fx] = spectrum[fy, fx].conjugate()


@kernel
def _rotate(matrix: NDArray[np.float64], p: int, q: int, c: float, t: float) -> None:
    """Turn columns p and q of a matrix by the angle of cosine c and tangent t."""
    for k in range(matrix.shape[0]):
        x, y = matrix[k, p], matrix[k, q]
        matrix[k, p], matrix[k, q] = c * (x - t * y), c * (t * x + y)


@kernel
def principal_axes(scatter: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the eigenvectors of a symmetric [3, 3] as columns, the largest eigenvalue first; overwrites it.

    Source: Jacobi's method (1846). LAPACK would give other last bits on other processors.
    """
    axes = np.eye(3)
    for _ in range(8):  # sweeps converge quadratically: eight are more than enough
        for p in range(2):
            for q in range(p + 1, 3):
                if scatter[p, q] != 0.0:
                    ratio = (scatter[q, q] - scatter[p, p]) / (2.0 * scatter[p, q])
                    t = math.copysign(1.0, ratio) / (abs(ratio) + math.sqrt(1.0 + ratio * ratio))
                    c = 1.0 / math.sqrt(1.0 + t * t)
                    _rotate(scatter, p, q, c, t)
                    _rotate(scatter.T, p, q, c, t)
                    _rotate(axes, p, q, c, t)
    return axes[:, np.argsort(-np.diag(scatter))]


@kernel
def palette_axes(s: State) -> NDArray[np.float64]:
    """Draw a palette and return its principal axes, one a column of [3, 3], the widest first.

    The palette has 3 … 22 uniform colours in uniform proportions (Baradad et al., 2021; they blur it
    and add a little noise, which hardly turns the axes).
    """
    count = 3 + below(s, 20)
    colours = np.empty((count, 3))
    weights = np.empty(count)
    for i in range(count):
        weights[i] = uniform(s, 0.0, 1.0)
        for channel in range(3):
            colours[i, channel] = uniform(s, 0.0, 1.0)
    weights /= weights.sum()
    for channel in range(3):
        colours[:, channel] -= (weights * colours[:, channel]).sum()
    scatter = np.zeros((3, 3))
    for i in range(count):
        for p in range(3):
            for q in range(3):
                scatter[p, q] += weights[i] * colours[i, p] * colours[i, q]
    return principal_axes(scatter)


@kernel
def _prepare(
    seed: int, exponents: tuple[float, float], size: int, spectra: NDArray[np.complex128]
) -> tuple[float, float, float, NDArray[np.float64]]:
    """Fill a picture's three spectra; return s, a, b and its axes."""
    s = stream(seed)
    exponent = uniform(s, exponents[0], exponents[1])
    spread = 0.05 * normal(s)
    a, b = exponent + spread, exponent - spread
    amplitude = amplitudes(a, b, size)
    for channel in range(3):
        add_phases(s, amplitude, spectra[channel])
    return exponent, a, b, palette_axes(s)


@kernel
def _finish(channels: NDArray[np.float64], axes: NDArray[np.float64], pixels: NDArray[np.uint8]) -> None:
    """Turn channels [3, H, W] along the axes and stretch all to bytes [H, W, 3]; overwrites the channels."""
    size = channels.shape[1]
    low = math.inf
    high = -math.inf
    for row in range(size):
        for column in range(size):
            u = 0.5 + channels[0, row, column]
            v = 0.5 + channels[1, row, column]
            w = 0.5 + channels[2, row, column]
            for channel in range(3):
                value = axes[channel, 0] * u + axes[channel, 1] * v + axes[channel, 2] * w
                channels[channel, row, column] = value
                low = min(low, value)
                high = max(high, value)
    scale = 255.0 / (high - low) if high > low else 0.0
    for row in range(size):
        for column in range(size):
            for channel in range(3):
                pixels[row, column, channel] = int((channels[channel, row, column] - low) * scale + 0.5)


@register
@dataclass(frozen=True, kw_only=True)
class StatSpectrum(Family):
    """Coloured clouds whose spectrum falls off as a power of frequency, from rough to smooth."""

    name: ClassVar[str] = "stat-spectrum"
    version: ClassVar[int] = 1
    source: ClassVar[str] = "Baradad et al., Learning to See by Looking at Noise, NeurIPS 2021"

    exponent_low: float = 0.5
    """Smallest exponent s of the amplitude 1/f^s, 0 … 8: rough; drawn uniformly for each picture."""
    exponent_high: float = 3.5
    """Largest exponent s of the amplitude 1/f^s, 0 … 8: smooth."""

    def __post_init__(self) -> None:
        check_range(self, 0, 8, "exponent_low", "exponent_high")
        check_order(self, "exponent_low", "exponent_high")

    def draw(self, seeds: Sequence[int], size: int) -> Pictures:
        """Draw one picture per seed; its params are ``exponent`` and that along each axis."""
        streams, pixels = blank(self, seeds, size)
        spectra = np.empty((3, size, size // 2 + 1), np.complex128)
        exponents = (float(self.exponent_low), float(self.exponent_high))
        params: list[dict[str, Param]] = []
        for picture, seed in zip(pixels, streams, strict=True):
            s, a, b, axes = _prepare(seed, exponents, size, spectra)
            _finish(np.fft.irfft2(spectra, (size, size)), axes, picture)
            params.append({"exponent": s, "exponent_x": a, "exponent_y": b})
        return Pictures(pixels, params, np.zeros(len(seeds), np.int64))
