import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.sound.audio import ClipError, read_blocks, read_clip, read_logmel
from trainer.sound.logmel import LogMel, log_mel

RATE = 16_000


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
    soundfile.write(folder / "huge.wav", np.array([[0.1, 0], [0, 3e38]]), RATE, subtype="FLOAT")
    soundfile.write(folder / "double.wav", np.array([0.1, 1e300]), RATE, subtype="DOUBLE")
    (folder / "text.wav").write_text("not audio at all")
    (folder / "nothing.wav").write_bytes(b"")
    return {
        "holds no samples": folder / "empty.wav",
        "NaN or infinite": folder / "nan.wav",
        "infinite": folder / "inf.wav",
        r"sample of 3e\+38, beyond ±4.3e\+09, where full scale is 1, at 0.00 s; repair": folder / "huge.wav",
        "or infinite, at 0.00 s": folder / "double.wav",
        "cannot be read as audio": folder / "text.wav",
        "cannot be read": folder / "nothing.wav",
        "no such audio file": folder / "absent.wav",
        "no such": folder,
    }


def test_bad_files_are_named(tmp_path):
    for reason, path in bad_files(tmp_path).items():
        with pytest.raises(ClipError, match=reason) as caught:
            read_clip(path, RATE)
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("form", [LogMel(range_db=50.0), log_mel("kaldi")])
def test_a_file_becomes_the_spectrogram_of_its_clip(tmp_path, form):
    """Of several blocks, and at another rate."""
    wave = np.random.default_rng(4).standard_normal((120_000, 8)).astype(np.float32) * 0.1
    soundfile.write(tmp_path / "a.wav", wave, 44_100, subtype="FLOAT")
    assert len(list(read_blocks(tmp_path / "a.wav", RATE))) > 1
    for seconds in (None, 1.0):
        whole = form(torch.from_numpy(read_clip(tmp_path / "a.wav", RATE, seconds)))
        torch.testing.assert_close(read_logmel(tmp_path / "a.wav", form, seconds), whole, atol=1e-4, rtol=0)


def test_a_clip_shorter_than_a_frame_is_followed_by_silence(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.full(30, 0.5), RATE, subtype="FLOAT")
    form = log_mel("kaldi")
    padded = np.pad(read_clip(tmp_path / "a.wav", RATE), (0, 370))
    torch.testing.assert_close(read_logmel(tmp_path / "a.wav", form), form(torch.from_numpy(padded)))


def test_an_hour_never_lies_in_memory(tmp_path):
    """Of a long file, what is allocated at once is its spectrogram and a block, not its samples."""
    rate, seconds = 48_000, 240
    with soundfile.SoundFile(tmp_path / "a.wav", "w", rate, 4, subtype="PCM_16") as file:
        for _ in range(seconds):
            file.write(np.zeros((rate, 4), np.int16))
    form = LogMel(n_mels=20, hop_ms=50.0)
    tracemalloc.start()  # counts what NumPy allocates: the samples, decoded and resampled
    spectrogram = read_logmel(tmp_path / "a.wav", form)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spectrogram.shape == (20, form.frames(seconds * RATE))
    assert peak < 10e6 < 4 * seconds * RATE  # 15 MB as one channel at 16 kHz, 184 MB as they were recorded
