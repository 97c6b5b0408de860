"""Which pitches sound when in a `spectro` picture: a piano roll beside the levels."""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel
from patterngen.numba_math import log

LOWEST_PITCH = 440.0 * 2.0 ** (-45 / 12)
"""The first semitone of a roll, C1: 32.7 hertz, by equal temperament around 440 hertz."""
SEMITONE = math.log(2.0) / 12.0
"""Logarithm of the ratio of neighbouring pitches."""
MASKED = np.float32(0.03)
"""Share of the loudest noise of a frame below which a tone in it counts as drowned: −15 decibels."""
RANGE = math.log(1e5)
"""How far below the loudest tone of a picture another counts as silent: 50 decibels, in nepers of power."""


@kernel
def note(line: NDArray[np.float32], pitch: float, loud: float) -> None:
    """Add a tone's power to the semitone of a frame's, [96], that is nearest to its pitch in hertz."""
    semitone = int(np.floor(log(pitch / LOWEST_PITCH) / SEMITONE + 0.5))
    if 0 <= semitone < len(line):
        line[semitone] += np.float32(loud)


@kernel
def finish_roll(roll: NDArray[np.float32], levels: NDArray[np.float32], noise: NDArray[np.float32]) -> None:
    """Turn powers into how well a tone can be heard, 0 … 1, linear in decibels.

    Args:
        roll: [frames, 96], powers; overwritten.
        levels: [frames, bands], powers of the whole recording; zero in frames where it has not begun.
        noise: [frames, bands], expected powers of its noise.
    """
    top = np.float32(0.0)
    for frame in range(len(roll)):
        drowned = np.float32(0.0)
        silent = True
        for b in range(noise.shape[1]):
            drowned = max(drowned, MASKED * noise[frame, b])
            silent &= levels[frame, b] == 0.0
        for p in range(roll.shape[1]):
            if silent or roll[frame, p] <= drowned:
                roll[frame, p] = 0.0
            top = max(top, roll[frame, p])
    if top == 0.0:
        return
    loudest = log(float(top))
    for frame in range(len(roll)):
        for p in range(roll.shape[1]):
            if roll[frame, p] > 0.0:
                roll[frame, p] = max(1.0 - (loudest - log(float(roll[frame, p]))) / RANGE, 0.0)
