"""What a recording adds to a mel spectrogram: noise that fluctuates, limits, and a scale in decibels."""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.families.spectro.sound import HANN, Axes
from patterngen.kernels.jit import kernel
from patterngen.numba_math import exp
from patterngen.rng import State, uniform

DECIBELS_PER_OCTAVE = 10.0 * math.log10(2.0)
"""Power twice as large is so many decibels louder."""
DECIBELS_PER_ARTANH = 20.0 / math.log(10.0)
"""10 log₁₀ m is so many times artanh((m − 1)/(m + 1))."""


@kernel
def _mix(x: np.uint32) -> np.uint32:
    """Return 32 bits that depend on all bits of x: the finaliser of Appleby's MurmurHash3."""
    x = np.uint32((x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    x = np.uint32((x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(x ^ (x >> np.uint32(16)))


@kernel
def add_noise(key: int, tones: NDArray[np.float32], noise: NDArray[np.float32], axes: Axes) -> None:
    """Add to the power of tones one recording of noise, as |√T + √N z|² with z a complex Gaussian.

    Neighbouring frames overlap, and neighbouring bands see the same line of the window, so their z are
    alike. A band much wider than that line averages several independent values, and varies less.

    Args:
        key: any 32 bits.
        tones: float32 [frames, bands], T; added to.
        noise: float32 [frames, bands], N, the noise's expected power.
        axes: of both.
    """
    frames, bands = noise.shape
    last = np.float32(max(1.0 - axes.hop / axes.window, 0.0))
    fresh = np.float32(np.sqrt(1.0 - last * last))
    side, middle = np.empty(bands, np.float32), np.empty(bands, np.float32)
    varies = np.empty(bands, np.float32)
    for b in range(bands):
        line = HANN / axes.window / axes.spacing[b]  # the line's width, in bands
        share = min(0.5 * line, 1.0)
        middle[b] = 1.0 / np.sqrt(1.0 + 2.0 * share * share)
        side[b] = share * middle[b]
        varies[b] = np.sqrt(min(line, 1.0))
    # The sum of two bytes has the variance (2¹⁶ − 1)/6; real and imaginary part shall have ½ each.
    scale = np.float32(np.sqrt(3.0 / 65535.0))
    one, two, offset = np.float32(1.0), np.float32(2.0), np.float32(255.0)
    real, imaginary = np.zeros(bands + 2, np.float32), np.zeros(bands + 2, np.float32)
    for frame in range(frames):
        first = np.uint32(key + frame * (bands + 2))
        kept = last if frame else np.float32(0.0)
        new = scale * (fresh if frame else one)
        for b in range(bands + 2):
            word = _mix(np.uint32(first + np.uint32(b)))
            x = np.float32(np.int32((word & np.uint32(0xFF)) + (word >> np.uint32(8) & np.uint32(0xFF))))
            y = np.float32(np.int32((word >> np.uint32(16) & np.uint32(0xFF)) + (word >> np.uint32(24))))
            real[b] = kept * real[b] + new * (x - offset)
            imaginary[b] = kept * imaginary[b] + new * (y - offset)
        out, expected = tones[frame], noise[frame]
        for b in range(bands):
            x = middle[b] * real[b + 1] + side[b] * (real[b] + real[b + 2])
            y = middle[b] * imaginary[b + 1] + side[b] * (imaginary[b] + imaginary[b + 2])
            own = expected[b] * (one + varies[b] * (x * x + y * y - one))
            total = out[b] + own + two * np.sqrt(out[b] * expected[b] * varies[b]) * x
            out[b] = total if total > np.float32(0.0) else np.float32(0.0)


@kernel
def limit(s: State, field: NDArray[np.float32]) -> None:
    """Make some recordings begin late or end early, and some hold nothing above a cut-off frequency."""
    frames, bands = field.shape
    if uniform(s, 0.0, 1.0) < 0.1:
        field[: int(frames * uniform(s, 0.0, 0.35))] = 0.0
        field[int(frames * uniform(s, 0.65, 1.0)) :] = 0.0
    if uniform(s, 0.0, 1.0) < 0.2:
        cut = bands * uniform(s, 0.4, 1.0)
        slope = exp(-uniform(s, 1.0, 7.0) * 64.0 / bands)
        factor = np.float32(1.0)
        for b in range(int(cut), bands):
            factor *= np.float32(slope)
            for frame in range(frames):
                field[frame, b] *= factor


@kernel
def to_decibels(field: NDArray[np.float32], floor: float) -> None:
    """Replace powers P by 10 log₁₀(P + floor), P ≥ 0, floor ≥ 2⁻¹²⁰, within 10⁻⁵ dB."""
    sums = np.empty(field.shape[1], np.float32)
    words = sums.view(np.uint32)
    fractions = np.empty(field.shape[1], np.uint32)
    mantissas = fractions.view(np.float32)
    exponents = np.empty(field.shape[1], np.float32)
    least, one, bias = np.float32(floor), np.float32(1.0), np.float32(127.0)
    octave, unit = np.float32(DECIBELS_PER_OCTAVE), np.float32(DECIBELS_PER_ARTANH)
    third, fifth = np.float32(1.0 / 3.0), np.float32(1.0 / 5.0)
    seventh, ninth = np.float32(1.0 / 7.0), np.float32(1.0 / 9.0)
    for frame in range(len(field)):
        line = field[frame]
        for b in range(len(sums)):
            sums[b] = line[b] + least
        # A float32 is 2^(e − 127) · m, 1 ≤ m < 2: the bits of e lie above the 23 of m.
        for b in range(len(sums)):
            exponents[b] = np.float32(np.int32(words[b] >> np.uint32(23))) - bias
            fractions[b] = (words[b] & np.uint32(0x7FFFFF)) | np.uint32(0x3F800000)
        for b in range(len(sums)):
            s = (mantissas[b] - one) / (mantissas[b] + one)  # log m = 2 artanh s
            q = s * s
            series = s * (one + q * (third + q * (fifth + q * (seventh + q * ninth))))
            line[b] = octave * exponents[b] + unit * series
