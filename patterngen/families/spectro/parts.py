"""The random parts that the sources of a `spectro` picture are put together from.

Levels are powers, frequencies hertz, times frames.
"""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.families.spectro.sound import (
    ATTACK,
    BANDWIDTH,
    CENTRE,
    CENTRE_END,
    GAIN,
    LENGTH,
    RELEASE,
    START,
    Axes,
)
from patterngen.kernels.jit import kernel
from patterngen.numba_math import exp, log, power
from patterngen.rng import State, log_uniform, uniform

Field = NDArray[np.float32]
Table = NDArray[np.float64]

DECIBELS_PER_NEPER = 10.0 / math.log(10.0)
"""Power e times as large is so many decibels louder."""
DECIBELS_PER_OCTAVE = 10.0 * math.log10(2.0)
"""An exponent of 1 over frequency is so many decibels an octave."""


@kernel
def decibels(level: float) -> float:
    """Return the power of a level in decibels."""
    return exp(level / DECIBELS_PER_NEPER)


@kernel
def tilted(s: State, least: float, most: float, axes: Axes) -> Field:
    """Return a power that falls by `least` … `most` decibels an octave, 1 at 1 kHz, [B]."""
    exponent = -uniform(s, least, most) / DECIBELS_PER_OCTAVE
    tilt = np.empty(len(axes.hertz), np.float32)
    for b in range(len(tilt)):
        tilt[b] = power(axes.hertz[b] / 1000.0, exponent)
    return tilt


@kernel
def dying(s: State, shortest: float, longest: float, axes: Axes) -> Field:
    """Return factors per frame of a power that dies away, high frequencies sooner, [B].

    The time constant at 1 kHz is log-uniform between so many seconds; it falls as frequency to the power of
    0 … −0.8.
    """
    tau = log_uniform(s, shortest, longest)
    exponent = uniform(s, 0.0, 0.8)
    decay = np.empty(len(axes.hertz), np.float32)
    for b in range(len(decay)):
        decay[b] = exp(-min(axes.hop / tau * power(axes.hertz[b] / 1000.0, exponent), 100.0))
    return decay


@kernel
def lasting(axes: Axes) -> Field:
    """Return factors per frame of a power that does not change, [B]."""
    return np.ones(len(axes.hertz), np.float32)


@kernel
def resonances(s: State, events: int, count: int, sharpness: tuple[float, float], axes: Axes) -> Table:
    """Draw resonances anywhere, the same for all events, [K, J, 4].

    A bandwidth is the centre over 2 · sharpness, which is log-uniform; gains lie within 20 dB.
    """
    table = np.empty((events, count, 4))
    highest = axes.hertz[-1]
    for j in range(count):
        centre = log_uniform(s, min(100.0, 0.5 * highest), highest)
        bandwidth = 0.5 * centre / log_uniform(s, sharpness[0], sharpness[1])
        gain = decibels(uniform(s, -20.0, 0.0))
        for k in range(events):
            table[k, j, CENTRE] = centre
            table[k, j, CENTRE_END] = centre
            table[k, j, BANDWIDTH] = bandwidth
            table[k, j, GAIN] = gain
    return table


@kernel
def amplify(bands: Table, factor: float) -> None:
    """Multiply the gains of resonances, [K, J, 4]."""
    for k in range(bands.shape[0]):
        for j in range(bands.shape[1]):
            bands[k, j, GAIN] *= factor


@kernel
def onsets(s: State, frames: int, period: float, jitter: float) -> Table:
    """Draw when events begin, in frames, so that the second or an earlier one begins inside the picture.

    Without jitter they come one `period` after the other, but at least one in seven tenths of the picture.
    Jitter moves each by up to half of so many periods. From a jitter of 1 on they come at any time, that far
    apart on average (a Poisson process).
    """
    period = min(period, 0.7 * frames)
    starts = np.empty(10 + int(4.0 * frames / period))
    time = -period * uniform(s, 0.0, 1.0)
    count = 0
    while time < frames and count < len(starts):
        starts[count] = time
        count += 1
        if jitter >= 1.0 and count > 1:
            time -= period * log(1.0 - uniform(s, 0.0, 1.0))
        else:
            time += period
    if jitter < 1.0:
        for k in range(count):
            starts[k] += jitter * period * uniform(s, -0.5, 0.5)
    return starts[:count]


@kernel
def schedule(starts: Table, length: float, attack: float, release: float) -> Table:
    """Return events, [K, 7], that begin so and last `length` frames, at level 1 and without pitch."""
    events = np.ones((len(starts), 7))
    for k in range(len(starts)):
        events[k, START] = starts[k]
        events[k, LENGTH] = length
        events[k, ATTACK] = max(attack, 1.0)
        events[k, RELEASE] = max(release, 0.5)
    return events
