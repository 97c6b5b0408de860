"""Random streams against their published definitions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from patterngen.kernels.jit import kernel
from patterngen.rng import below, bits, log_uniform, normal, stream, uniform

MASK = 2**64 - 1


def splitmix(seed):
    """Four outputs of SplitMix64 in Python's integers."""
    for _ in range(4):
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


@given(st.integers(0, 2**63 - 1))
def test_a_stream_starts_from_splitmix64(seed):
    assert stream(np.uint64(seed)).tolist() == list(splitmix(seed))


def test_bits_are_those_of_xoshiro256_plus_plus():
    # First outputs from the state 1, 2, 3, 4, as its authors' program gives them.
    state = np.array([1, 2, 3, 4], np.uint64)
    assert [int(bits(state)) for _ in range(4)] == [41943041, 58720359, 3588806011781223, 3591011842654386]


@kernel
def _many(seed, n):
    s = stream(seed)
    drawn = np.empty((4, n))
    for i in range(n):
        drawn[0, i] = uniform(s, -2.0, 3.0)
        drawn[1, i] = normal(s)
        drawn[2, i] = log_uniform(s, 0.5, 32.0)
        drawn[3, i] = below(s, 7)
    return drawn


def test_draws_follow_their_laws():
    flat, gauss, scale, integer = _many(np.uint64(5), 50_000)
    assert flat.min() >= -2
    assert flat.max() < 3
    assert stats.kstest(flat, stats.uniform(-2, 5).cdf).pvalue > 1e-3
    assert stats.kstest(gauss, stats.norm.cdf).pvalue > 1e-3
    assert stats.kstest(scale, stats.loguniform(0.5, 32).cdf).pvalue > 1e-3
    assert stats.chisquare(np.bincount(integer.astype(int), minlength=7)).pvalue > 1e-3
