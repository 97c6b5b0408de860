"""Random numbers by index: uniform, and independent along and across sequences."""

import numpy as np
import pytest
from scipy import stats

from patterngen.drawing.bulk_random import chance_at, draw_key, signed_at, word_at
from patterngen.kernels.jit import kernel
from patterngen.rng import stream


@kernel
def sequence(key, first, count):
    words = np.empty(count, np.uint32)
    for i in range(count):
        words[i] = word_at(key, first + i)
    return words


KEYS = [(np.uint32(0), np.uint32(0)), (np.uint32(1), np.uint32(0)), (np.uint32(2**32 - 1), np.uint32(77))]


@pytest.mark.parametrize("key", KEYS)
def test_every_byte_is_uniform(key):
    for column in sequence(key, 0, 100_000).view(np.uint8).reshape(-1, 4).T:
        assert stats.chisquare(np.bincount(column, minlength=256)).pvalue > 1e-4


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("lag", [1, 2, 64, 256])
def test_neighbours_are_independent(key, lag):
    words = sequence(key, 0, 100_000 + lag)
    high = (words >> np.uint32(28)).astype(int)
    pairs = np.bincount(16 * high[lag:] + high[:-lag], minlength=256)
    assert stats.chisquare(pairs).pvalue > 1e-4
    assert abs(np.corrcoef(words[lag:], words[:-lag])[0, 1]) < 0.02


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("step", [0, 1, 64])
def test_sequences_whose_first_halves_are_close_are_independent(seed, step):
    """Among a million keys some first halves are; their sequences pass through the same numbers at first."""
    first, second = draw_key(stream(seed)), draw_key(stream(1000 + seed))
    words = sequence((np.uint32(first[0]), np.uint32(first[1])), 0, 50_000)
    others = sequence((np.uint32(first[0] - step), np.uint32(second[1])), step, 50_000)
    assert abs(np.corrcoef(words, others)[0, 1]) < 0.02
    pairs = 16 * (words >> np.uint32(28)).astype(int) + (others >> np.uint32(28))
    assert stats.chisquare(np.bincount(pairs, minlength=256)).pvalue > 1e-5


def test_indices_wrap_around():
    key = draw_key(stream(3))
    key = (np.uint32(key[0]), np.uint32(key[1]))
    assert sequence(key, 2**32, 3).tolist() == sequence(key, 0, 3).tolist()
    assert sequence(key, -2, 4)[2:].tolist() == sequence(key, 0, 2).tolist()


def test_numbers_span_their_ranges():
    key = (np.uint32(1), np.uint32(2))
    signed = np.array([signed_at(key, i) for i in range(20_000)])
    chances = np.array([chance_at(key, i) for i in range(20_000)])
    assert stats.kstest(signed, stats.uniform(-1, 2).cdf).pvalue > 1e-3
    assert signed.min() >= -1
    assert signed.max() < 1
    assert stats.kstest(chances, stats.uniform(0, 2**31).cdf).pvalue > 1e-3
    assert chances.min() >= 0
