"""Random numbers by their index: what a loop over thousands of points or pixels draws from.

A stream (`patterngen.rng.stream`) gives one number after another, each waiting for the one before. Here
number i is a hash of i and a key (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), so
that a loop fills the vector lanes, and any part of a field can be drawn without the rest.
"""

import numpy as np

from patterngen.kernels.jit import kernel
from patterngen.rng import State, bits

Key = tuple[np.uint32, np.uint32]
"""Which sequence of numbers it is: 64 random bits."""


@kernel
def draw_key(s: State) -> Key:
    """Draw the key of a sequence that has nothing to do with others."""
    word = bits(s)
    return np.uint32(word), np.uint32(word >> np.uint64(32))


@kernel
def word_at(key: Key, index: int) -> np.uint32:
    """Return number `index` of a sequence, 0 … 2³² − 1 either of them, as 32 random bits.

    Three rounds of Wellons' 32-bit mixer ("Prospecting for hash functions", 2018), one half of the key
    before the first and the other before the second: among many keys some have almost equal first halves,
    and two rounds part their sequences.
    """
    x = np.uint32(np.uint32(index) + key[0])
    x = np.uint32((x ^ (x >> np.uint32(17))) * np.uint32(0xED5AD4BB))
    x = np.uint32((x ^ (x >> np.uint32(11)) ^ key[1]) * np.uint32(0xAC4C1B51))
    x = np.uint32((x ^ (x >> np.uint32(15))) * np.uint32(0x31848BAB))
    return np.uint32(x ^ (x >> np.uint32(14)))


@kernel
def chance_at(key: Key, index: int) -> np.int32:
    """Return number `index` of a sequence from 0 … 2³¹ − 1, signed: vector lanes compare these at once."""
    return np.int32(word_at(key, index) >> np.uint32(1))


@kernel
def signed_at(key: Key, index: int) -> np.float32:
    """Return number `index` of a sequence from U[−1, 1), a multiple of 2⁻²³."""
    return np.float32(np.int32(word_at(key, index)) >> np.int32(8)) * np.float32(2.0**-23)
