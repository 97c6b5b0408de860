import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.sound.logmel import LogMel, log_mel
from trainer.sound.samples import LARGEST, find_fault


def extreme_settings():
    """The usual forms, and those with the longest frame and the fewest, widest bands."""
    yield from (log_mel("librosa"), log_mel("kaldi"), log_mel("librosa", 50.0))
    for style in ("librosa", "kaldi"):
        for bands in (1, 80):
            longest = 1000 * 65_536 / 16_000
            yield LogMel(style=style, n_mels=bands, window_ms=longest, hop_ms=200.0, f_min=0.0)


@pytest.mark.parametrize("settings", extreme_settings(), ids=str)
def test_the_loudest_sound_that_is_taken_has_a_spectrogram(settings):
    """A tone, a step and alternating samples: the most power in one bin, low, anywhere, and high."""
    n = np.arange(70_000)
    for shape in (np.cos(2 * np.pi * n / 16), np.sign(n - 35_000.5), (-1.0) ** n):
        loud = torch.from_numpy((LARGEST * shape).astype(np.float32))
        assert settings(loud).isfinite().all()


@pytest.mark.parametrize("value", [2.0**31, -LARGEST, LARGEST])
def test_integers_written_as_floats_are_sound(value):
    assert find_fault(np.array([0.1, value], np.float32)) is None


def test_nothing_has_no_fault():
    assert find_fault(np.zeros((0, 2), np.float32)) is None


@given(
    channels=st.integers(1, 3),
    length=st.integers(1, 50),
    place=st.integers(0, 49),
    value=st.sampled_from([np.nan, np.inf, -np.inf, 3e38, -1e10]),
    data=st.data(),
)
def test_the_first_absurd_sample_is_named(channels, length, place, value, data):
    place = min(place, length - 1)
    samples = np.full((length, channels), 0.5, np.float32)
    samples[place, data.draw(st.integers(0, channels - 1))] = value
    samples[place + 1 :] = np.nan
    fault = find_fault(samples)
    assert fault.place == place
    assert (
        f"a sample of {value:g}, beyond ±4.3e+09" if np.isfinite(value) else "NaN or infinite"
    ) in fault.words
