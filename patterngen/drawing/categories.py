"""Categories of fractals: numbered, each following from a seed and its number alone."""

import numpy as np
from numpy.typing import NDArray

from patterngen.kernels.jit import kernel
from patterngen.rng import State, below, stream, uniform

FEWEST, MOST = 2, 7
"""Maps of a category that is found by search."""


@kernel
def identity_of(categories_seed: int, category: int) -> int:
    """Return a category's own number, 0 … 2⁶³ − 1, the seed of all that it is.

    Args:
        categories_seed: 0 … 2³¹ − 1, which categories there are.
        category: 0 … 2³² − 1, the number of one.
    """
    return categories_seed << 32 | category


@kernel
def choose(seeds: NDArray[np.uint64], choices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each seed one of 0 … c − 1 for each of K choices c, int64 [N, K]."""
    chosen = np.empty((len(seeds), len(choices)), np.int64)
    for n in range(len(seeds)):
        s = stream(seeds[n])
        for k in range(len(choices)):
            chosen[n, k] = below(s, choices[k])
    return chosen


@kernel
def sample_maps(s: State, numbers: int) -> NDArray[np.float64]:
    """Draw two to seven maps, [M, numbers], of numbers from U(−1, 1); they need not be contractive."""
    system = np.empty((FEWEST + below(s, MOST - FEWEST + 1), numbers))
    for i in range(len(system)):
        for number in range(numbers):
            system[i, number] = uniform(s, -1.0, 1.0)
    return system
