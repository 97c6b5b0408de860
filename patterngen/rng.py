"""Random numbers for kernels: a stream for each seed, the same on every processor."""

import math

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel
from patterngen.numba_math import cos_sin, log, power

State = NDArray[np.uint64]
"""State of one random stream: uint64 [4]."""


@kernel
def stream(seed: int | np.uint64) -> State:
    """Start the random stream of a seed: xoshiro256++ state filled by SplitMix64.

    Source: Blackman & Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47 (2021).
    """
    state = np.empty(4, np.uint64)
    x = np.uint64(seed)
    for i in range(4):
        x += np.uint64(0x9E3779B97F4A7C15)
        z = x
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state[i] = z ^ (z >> np.uint64(31))
    return state


@kernel
def _rotate_left(x: np.uint64, k: int) -> np.uint64:
    return (x << np.uint64(k)) | (x >> np.uint64(64 - k))


@kernel
def bits(s: State) -> np.uint64:
    """Draw 64 random bits and step the stream."""
    result: np.uint64 = _rotate_left(s[0] + s[3], 23) + s[0]
    t = s[1] << np.uint64(17)
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = _rotate_left(s[3], 45)
    return result


@kernel
def uniform(s: State, low: float, high: float) -> float:
    """Draw from U[low, high) with 53 random bits."""
    return low + (high - low) * (np.float64(bits(s) >> np.uint64(11)) * (1.0 / 9007199254740992.0))


@kernel
def below(s: State, n: int) -> int:
    """Draw an integer from 0 … n − 1, n < 2³² (bias below n/2³²)."""
    return int(np.int64(((bits(s) >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32)))


@kernel
def normal(s: State) -> float:
    """Draw from N(0, 1) by Box and Muller (1958)."""
    u = 1.0 - uniform(s, 0.0, 1.0)
    return math.sqrt(-2.0 * log(u)) * cos_sin(uniform(s, 0.0, 1.0))[0]


@kernel
def log_uniform(s: State, low: float, high: float) -> float:
    """Draw a number whose logarithm is uniform between those of low and high, 0 < low ≤ high."""
    return low * power(high / low, uniform(s, 0.0, 1.0))
