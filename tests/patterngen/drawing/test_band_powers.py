"""Powers in bands against NumPy's transform in double precision, and what does not change them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.drawing.band_powers import BandPowers, is_fast

EPSILON = 2.0**-24


def straightforward(signal, frames, before, window, bank, size, hop, centred, pre_emphasis):
    """Return powers [M, frames] in float64, and what float32 may add to the amplitude of any bin [frames]."""
    padded = np.zeros(before + len(signal) + frames * hop + len(window))
    padded[before : before + len(signal)] = signal
    cut = np.stack([padded[f * hop : f * hop + len(window)] for f in range(frames)])
    # Its log2(N) passes add some roundings each, of amplitudes that are no more than the frame's in all.
    rounding = 8 * EPSILON * np.sqrt(size) * np.linalg.norm(cut, axis=1)
    if centred:
        cut = cut - cut.mean(axis=1, keepdims=True)
    cut = cut - pre_emphasis * np.concatenate([cut[:, :1], cut[:, :-1]], axis=1)
    return bank @ np.square(np.abs(np.fft.rfft(cut * window, n=size))).T, rounding


def computed(powers, signal, shape, before=0):
    found = np.full(shape, np.nan, np.float32)
    powers(signal, found, before)
    return found


@st.composite
def bands(draw, bins):
    """Draw weights: of any bins for some bands, of none for others."""
    bank = np.zeros((draw(st.integers(1, 9)), bins))
    for row in bank:
        first = draw(st.integers(0, bins - 1))
        last = draw(st.integers(first, bins))
        row[first:last] = np.random.default_rng(last).random(last - first)
    return bank


@settings(deadline=None, max_examples=60)
@given(
    st.data(),
    st.one_of(st.integers(2, 140), st.sampled_from([400, 551, 1024, 1102])),
    st.integers(0, 700),
    st.integers(1, 20),
    st.integers(1, 900),
    st.booleans(),
    st.sampled_from([0.0, 0.97]),
)
def test_powers_are_those_of_numpy(data, window, samples, frames, hop, centred, pre_emphasis):
    """Of any window, hop and length, or where the transform is longer than a frame, the signal shorter."""
    size = data.draw(st.integers(window, window + 40)) if window < 200 else window
    bank = data.draw(bands(size // 2 + 1))
    before = data.draw(st.integers(0, window))
    rng = np.random.default_rng(samples)
    shape, signal = rng.random(window), rng.standard_normal(samples).astype(np.float32)
    powers = BandPowers(shape, bank, size=size, hop=hop, centred=centred, pre_emphasis=pre_emphasis)
    found = computed(powers, signal, (len(bank), frames), before)
    expected, rounding = straightforward(
        signal, frames, before, shape, bank, size, hop, centred, pre_emphasis
    )
    allowed = np.sqrt(bank.sum(axis=1))[:, None] * rounding + 4e-6 * np.sqrt(expected)
    assert np.all(np.abs(np.sqrt(found) - np.sqrt(expected)) <= allowed)


@pytest.mark.parametrize(("size", "centred"), [(400, False), (551, False), (512, True)])
def test_a_frame_is_the_same_bits_wherever_it_stands(size, centred):
    rng = np.random.default_rng(0)
    signal = rng.standard_normal(4000).astype(np.float32)
    powers = BandPowers(rng.random(size), np.eye(size // 2 + 1), size=size, hop=100, centred=centred)
    bins = size // 2 + 1
    together = computed(powers, signal, (bins, 30))
    for frame in (0, 7, 8, 21, 29):
        alone = computed(powers, np.pad(signal[100 * frame :], (0, 9)), (bins, 1))
        assert np.array_equal(alone[:, 0], together[:, frame])
    loud = signal.copy()
    loud[3000:] *= 1e6
    assert np.array_equal(computed(powers, loud, (bins, 20)), together[:, :20])


def test_which_lengths_are_fast():
    assert all(is_fast(size) for size in (1, 2, 400, 512, 551, 1102, 127 * 4))
    assert not any(is_fast(size) for size in (131, 2 * 353, 65_521))
