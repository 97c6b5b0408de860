import threading
from dataclasses import asdict
from pathlib import Path

import kaldi_native_fbank
import librosa
import numpy as np
import pytest
import soundfile
import soxr
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.audio import LogMel, read_clip, read_clips, standardise
from trainer.errors import TrainerError

RATE = 16_000
AUDIO_MAE = LogMel(style="kaldi", n_mels=128, f_min=20.0, mel_scale="htk")


@pytest.fixture(scope="module")
def sound():
    """Two seconds with everything in them: noise, a chirp, and digital silence."""
    rng = np.random.default_rng(0)
    time = np.arange(2 * RATE) / RATE
    wave = 0.05 * rng.standard_normal(len(time)) + 0.3 * np.sin(2 * np.pi * (200 + 1500 * time) * time)
    wave[RATE : RATE + 2000] = 0
    return wave.astype(np.float32)


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
    np.testing.assert_allclose(logmel(ours, sound), expected, atol=1e-3)


# --- truths ------------------------------------------------------------------------------------


@given(st.sampled_from([LogMel(), AUDIO_MAE, LogMel(hop_ms=12.5)]), st.integers(400, 40_000))
@settings(max_examples=30, deadline=None)
def test_frames_are_counted_before_they_are_computed(mel, samples):
    assert mel(torch.zeros(samples)).shape == (mel.n_mels, mel.frames(samples))


@given(st.sampled_from([LogMel(), AUDIO_MAE, LogMel(hop_ms=12.5)]), st.integers(2, 2000))
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
        torch.testing.assert_close(mel(clip), alone, atol=1e-5, rtol=0)


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


# --- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "subtype"), [("wav", "FLOAT"), ("wav", "PCM_24"), ("flac", "PCM_24"), ("aiff", "PCM_24")]
)
def test_lossless_files_come_back(tmp_path, sound, suffix, subtype):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, sound, RATE, subtype=subtype)
    np.testing.assert_allclose(read_clip(path, RATE), sound, atol=2**-23)


@pytest.mark.parametrize(("suffix", "worst"), [("ogg", 0.05), ("mp3", 0.2)])
def test_lossy_files_sound_alike(tmp_path, suffix, worst):
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, wave, RATE)
    read = read_clip(path, RATE)
    loudness = np.sqrt(np.mean(read[2000:14000] ** 2))
    assert loudness == pytest.approx(0.5 / np.sqrt(2), rel=worst)


def test_channels_are_averaged(tmp_path, sound):
    soundfile.write(tmp_path / "a.wav", np.stack([sound, 0 * sound], axis=1), RATE, subtype="FLOAT")
    np.testing.assert_allclose(read_clip(tmp_path / "a.wav", RATE), sound / 2, atol=1e-7)


@given(st.sampled_from([8000, 11_025, 22_050, 44_100, 48_000]))
@settings(max_examples=5, deadline=None)
def test_resampling_keeps_a_tone_and_its_length(tmp_path_factory, rate):
    path = tmp_path_factory.mktemp("tone") / "a.wav"
    soundfile.write(path, np.sin(2 * np.pi * 1000 * np.arange(rate) / rate), rate, subtype="FLOAT")
    read = read_clip(path, RATE)
    assert len(read) == RATE
    middle = slice(1000, -1000)
    np.testing.assert_allclose(
        read[middle], np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)[middle], atol=1e-3
    )


def test_block_by_block_equals_at_once(tmp_path):
    """Eight channels at 192 kHz, longer than a block: the same as resampling the whole."""
    wave = np.random.default_rng(2).standard_normal((600_000, 8)).astype(np.float32) * 0.1
    soundfile.write(tmp_path / "a.wav", wave, 192_000, subtype="FLOAT")
    whole = soxr.resample(wave.mean(axis=1), 192_000, RATE)
    np.testing.assert_allclose(read_clip(tmp_path / "a.wav", RATE), whole, atol=1e-6)


@pytest.mark.parametrize("rate", [8000, RATE, 44_100])
def test_only_the_first_seconds(tmp_path, rate):
    wave = np.random.default_rng(3).standard_normal(3 * rate).astype(np.float32) * 0.1
    soundfile.write(tmp_path / "a.wav", wave, rate, subtype="FLOAT")
    start, whole = read_clip(tmp_path / "a.wav", RATE, seconds=0.5), read_clip(tmp_path / "a.wav", RATE)
    assert len(start) == RATE // 2
    np.testing.assert_allclose(start[:-500], whole[: len(start) - 500], atol=1e-5)
    assert len(read_clip(tmp_path / "a.wav", RATE, seconds=99)) == len(whole)


def bad_files(folder: Path) -> dict[str, Path]:
    soundfile.write(folder / "empty.wav", np.zeros(0), RATE)
    soundfile.write(folder / "nan.wav", np.array([0.1, np.nan, 0.1]), RATE, subtype="FLOAT")
    soundfile.write(folder / "inf.wav", np.array([0.1, np.inf]), RATE, subtype="FLOAT")
    (folder / "text.wav").write_text("not audio at all")
    (folder / "nothing.wav").write_bytes(b"")
    return {
        "holds no samples": folder / "empty.wav",
        "NaN or infinite": folder / "nan.wav",
        "infinite": folder / "inf.wav",
        "cannot be read as audio": folder / "text.wav",
        "cannot be read": folder / "nothing.wav",
        "no such audio file": folder / "absent.wav",
        "no such": folder,
    }


def test_bad_files_are_named(tmp_path):
    for reason, path in bad_files(tmp_path).items():
        with pytest.raises(TrainerError, match=reason) as caught:
            read_clip(path, RATE)
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)


def test_many_clips_keep_their_order(tmp_path):
    paths = []
    for i in range(30):
        paths.append(tmp_path / f"{i}.wav")
        soundfile.write(paths[-1], np.full(100 + 4000 * (i % 3), i / 100), RATE, subtype="FLOAT")
    read = list(read_clips(paths, RATE, workers=3))
    assert [round(100 * float(wave[0])) for wave in read] == list(range(30))


def test_many_clips_are_not_read_all_at_once(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(10), RATE)
    asked = 0

    def paths():
        nonlocal asked
        for _ in range(1000):
            asked += 1
            yield tmp_path / "a.wav"

    clips = read_clips(paths(), RATE, workers=1)
    next(clips)
    assert asked < 20
    clips.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]


def test_a_bad_clip_among_many_is_named(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(10), RATE)
    with pytest.raises(TrainerError, match=r"absent\.wav"):
        list(read_clips([tmp_path / "a.wav", tmp_path / "absent.wav"], RATE))
