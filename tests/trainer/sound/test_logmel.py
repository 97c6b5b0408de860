import math
from dataclasses import asdict, replace

import kaldi_native_fbank
import librosa
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.errors import TrainerError
from trainer.sound.logmel import LogMel, log_mel, standardise

pytestmark = pytest.mark.numerical

RATE = 16_000
AUDIO_MAE = log_mel("kaldi")
ODD = LogMel(sample_rate=22_050)
"""Frames of 551 samples."""
DENSE = LogMel(window_ms=130.0, hop_ms=0.0625, n_mels=9)
"""Frames at every sample: more than all that are computed at a time begin in the silence before a clip."""


def logmel(settings_: LogMel, wave: np.ndarray) -> np.ndarray:
    return settings_(torch.from_numpy(wave)).numpy()


# --- golden: other people's programs -----------------------------------------------------------


@pytest.mark.parametrize("scale", ["slaney", "htk"])
@pytest.mark.parametrize("bands", [40, 64, 80])
def test_equals_librosa(sound, scale, bands):
    ours = LogMel(mel_scale=scale, n_mels=bands)
    theirs = librosa.feature.melspectrogram(
        y=sound, sr=RATE, n_fft=400, hop_length=160, n_mels=bands, fmin=50, fmax=8000, htk=scale == "htk"
    )
    np.testing.assert_allclose(logmel(ours, sound), np.log(np.maximum(theirs, ours.floor)), atol=1e-4)


@pytest.mark.parametrize("window", ["hann", "povey"])
@pytest.mark.parametrize(("bands", "window_ms"), [(23, 25.0), (80, 25.0), (128, 50.0)])
def test_equals_kaldi(sound, window, bands, window_ms):
    ours = LogMel(
        style="kaldi", n_mels=bands, window_ms=window_ms, f_min=20.0, mel_scale="htk", window=window
    )
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = RATE
    options.frame_opts.frame_length_ms = window_ms
    options.frame_opts.window_type = "hanning" if window == "hann" else "povey"
    options.mel_opts.num_bins = bands
    options.mel_opts.low_freq, options.mel_opts.high_freq = 20, 8000
    theirs = kaldi_native_fbank.OnlineFbank(options)
    theirs.accept_waveform(RATE, sound.tolist())
    theirs.input_finished()
    expected = np.stack([theirs.get_frame(i) for i in range(theirs.num_frames_ready)], axis=1)
    found, expected = np.exp(logmel(ours, sound) / 2), np.exp(expected / 2)  # amplitudes
    # What single precision leaves of a band far below the loudest of its frame depends on the processor.
    rounding = 1e-6 * expected.max(axis=0)
    np.testing.assert_array_less(np.abs(found - expected), 5e-4 * expected + rounding)


# --- truths ------------------------------------------------------------------------------------


@given(st.sampled_from([LogMel(), AUDIO_MAE, LogMel(hop_ms=12.5), ODD]), st.integers(400, 40_000))
@settings(max_examples=30, deadline=None)
def test_frames_are_counted_before_they_are_computed(mel, samples):
    assert mel(torch.zeros(samples)).shape == (mel.n_mels, mel.frames(samples))


@given(st.sampled_from([LogMel(), AUDIO_MAE, LogMel(hop_ms=12.5), ODD]), st.integers(2, 2000))
def test_samples_is_the_shortest_clip_of_so_many_frames(mel, frames):
    assert mel.frames(mel.samples(frames)) == frames
    assert mel.frames(mel.samples(frames) - 1) == frames - 1


def test_published_input_sizes():
    assert LogMel().frames(round(2.08 * RATE)) >= 208
    assert LogMel().samples(208) < 2.08 * RATE
    assert AUDIO_MAE.frames(round(10.24 * RATE)) == 1022  # zero-padded to 1024 by Audio-MAE


@pytest.mark.parametrize("mel", [LogMel(), AUDIO_MAE])
def test_ten_times_the_amplitude_adds_log_100(mel, sound):
    quiet, loud = logmel(mel, sound), logmel(mel, 10 * sound)
    heard = quiet > np.log(mel.floor) + 5
    assert heard.mean() > 0.7
    np.testing.assert_allclose((loud - quiet)[heard], np.log(100), atol=1e-3)


@pytest.mark.parametrize("mel", [LogMel(), LogMel(mel_scale="htk"), AUDIO_MAE])
@pytest.mark.parametrize("hertz", [300.0, 1000.0, 4000.0])
def test_a_sine_is_loudest_in_the_band_around_it(mel, hertz):
    wave = torch.sin(2 * torch.pi * hertz * torch.arange(RATE) / RATE)
    loudest = int(mel(wave).mean(-1).argmax())
    edges = librosa.mel_frequencies(
        mel.n_mels + 2, fmin=mel.f_min, fmax=mel.f_max, htk=mel.mel_scale == "htk"
    )
    half_a_bin = RATE / mel.fft_samples / 2  # Audio-MAE's lowest bands are narrower than that
    assert edges[loudest] - half_a_bin < hertz < edges[loudest + 2] + half_a_bin


def test_silence_is_the_floor():
    assert torch.equal(
        LogMel(floor=1e-6)(torch.zeros(8000)), torch.full((80, 51), np.log(1e-6).astype(np.float32))
    )


@pytest.mark.parametrize("mel", [LogMel(range_db=50.0), log_mel("kaldi", 50.0)])
def test_relative_to_the_loudest_digital_silence_is_still_silence(mel, sound):
    silence = torch.zeros(len(sound))
    assert torch.equal(mel(silence), torch.full((mel.n_mels, mel.frames(len(sound))), mel.silence))
    assert torch.equal(mel.of_blocks(silence.split(9000)), mel(silence))
    absolute = replace(mel, range_db=None)(torch.from_numpy(sound))
    expected = (absolute - absolute.max()).clamp(min=mel.silence)
    together = mel(torch.stack([torch.from_numpy(sound), silence]))  # the silent clip alone is changed
    torch.testing.assert_close(together[0], expected, atol=1e-5, rtol=0)
    assert torch.equal(mel(torch.from_numpy(sound)), expected)
    assert torch.equal(together[1], mel(silence))


@pytest.mark.parametrize("mel", [LogMel(range_db=50.0), log_mel("kaldi", 50.0)])
def test_relative_to_the_loudest_the_level_of_a_clip_means_nothing(mel, sound):
    """Not even where most of its bands lie below the floor, and a part of it is digital silence."""
    clip = torch.from_numpy(sound)
    clip = torch.cat([clip, torch.zeros_like(clip)])
    loudest = replace(mel, range_db=None)(clip).max().item()
    quiet = clip * math.exp((math.log(mel.floor) + 1 - loudest) / 2)
    assert (replace(mel, range_db=None)(quiet) <= np.log(mel.floor)).double().mean() > 0.6
    torch.testing.assert_close(mel(quiet), mel(clip), atol=1e-3, rtol=0)
    assert mel(quiet).min() == mel.silence
    assert mel(quiet / 4).max() == mel.silence  # no band of it is above the floor


def test_white_noise_is_flat_in_equal_area_bands():
    noise = torch.from_numpy(np.random.default_rng(1).standard_normal(20 * RATE).astype(np.float32))
    power = LogMel()(noise).exp().mean(-1)
    assert power.std() / power.mean() < 0.05


@pytest.mark.parametrize("mel", [LogMel(), AUDIO_MAE])
def test_a_batch_is_its_clips(mel, sound):
    batch = torch.from_numpy(np.stack([sound, sound[::-1], 0.1 * sound]).copy()).reshape(3, 1, -1)
    together = mel(batch)
    assert together.shape == (3, 1, mel.n_mels, mel.frames(len(sound)))
    for clip, alone in zip(batch, together, strict=True):
        assert torch.equal(mel(clip[0]), alone[0])


@given(
    st.sampled_from([LogMel(), LogMel(range_db=30.0), AUDIO_MAE, ODD, LogMel(hop_ms=60.0), DENSE]),
    st.lists(st.integers(0, 3000), max_size=4),
)
@settings(max_examples=30, deadline=None)
def test_a_clip_in_pieces_is_the_whole(mel, lengths):
    """To the bit, though `__call__` computes all frames at once."""
    lengths = [*lengths, 600]
    clip = torch.from_numpy(np.random.default_rng(2).standard_normal(sum(lengths)).astype(np.float32))
    assert torch.equal(mel.of_blocks(clip.split(lengths)), mel(clip))


@pytest.mark.parametrize("mel", [LogMel(), AUDIO_MAE, LogMel(hop_ms=60.0)])
def test_how_a_long_clip_is_cut_changes_no_bit(mel):
    clip = torch.from_numpy(np.random.default_rng(3).standard_normal(1_200_000).astype(np.float32))
    whole = mel.of_blocks([clip])
    for sizes in ([600_000, 600_000], [1, 81_919, 400, 1_117_680], [50_001] * 23 + [49_977]):
        assert torch.equal(mel.of_blocks(clip.split(sizes)), whole)


def test_nothing_in_pieces_is_refused():
    with pytest.raises(TrainerError, match="a clip of 0 samples"):
        LogMel().of_blocks([])


def test_settings_survive_a_round_trip():
    assert LogMel(**asdict(AUDIO_MAE)) == AUDIO_MAE


def test_standardise():
    values = torch.tensor([1.0, 3.0, 5.0])
    standard = standardise(values, values.mean().item(), values.std().item())
    assert standard.mean() == 0
    assert standard.std() == pytest.approx(1)


# --- bad settings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"style": "kaldy"},
        {"mel_scale": "mel"},
        {"window": "hamming"},
        {"sample_rate": 0},
        {"window_ms": 0.0},
        {"window_ms": 1e9},
        {"hop_ms": 0.0},
        {"n_mels": 0},
        {"n_mels": 10**9},
        {"n_mels": 2000, "window_ms": 4000.0},
        {"f_min": 8000.0},
        {"f_max": 8001.0},
        {"floor": 0.0},
    ],
)
def test_settings_out_of_range_are_named(wrong):
    (name, value) = next(iter(wrong.items()))
    with pytest.raises(TrainerError, match=f"log-mel: {name} = ") as caught:
        LogMel(**wrong)
    assert str(value) in str(caught.value)


def test_bands_too_narrow_to_hear_anything_are_refused():
    with pytest.raises(TrainerError, match="n_mels = 200 must be fewer, or window_ms longer"):
        LogMel(n_mels=200)


@pytest.mark.parametrize(("mel", "samples"), [(LogMel(), 0), (AUDIO_MAE, 399)])
def test_a_clip_shorter_than_a_frame_is_refused(mel, samples):
    with pytest.raises(TrainerError, match=f"a clip of {samples} samples"):
        mel(torch.zeros(samples))
