import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.memory import misaligned
from trainer.errors import TrainerError
from trainer.sound.audio import read_logmel
from trainer.sound.logmel import LogMel
from trainer.sound.waveforms import as_clips, spectrogram

pytestmark = pytest.mark.numerical


@given(clips=st.integers(0, 40), samples=st.integers(1, 50))
def test_a_batch_is_its_rows_unless_they_are_channels(clips, samples):
    batch = np.arange(clips * samples, dtype=np.float32).reshape(clips, samples)
    if clips > 32 >= samples:
        with pytest.raises(TrainerError, match=rf"\({clips}, {samples}\) holds channels side by side"):
            as_clips(batch, 8000)
        return
    found = as_clips(batch, 8000)
    assert len(found) == clips
    assert all(np.array_equal(clip, row) for clip, row in zip(found, batch, strict=True))


@pytest.mark.parametrize("kind", [np.float16, np.float64, torch.float16, torch.bfloat16, torch.float64])
def test_floating_point_becomes_float32(kind):
    waveform = torch.ones(5, dtype=kind) if isinstance(kind, torch.dtype) else np.ones(5, kind)
    (clip,) = as_clips(waveform, 8000)
    assert clip.dtype == np.float32
    assert clip.tolist() == [1.0] * 5


def test_what_is_learned_from_may_be_handed_over():
    (clip,) = as_clips(torch.ones(5, requires_grad=True), 8000)
    assert clip.tolist() == [1.0] * 5


@pytest.mark.filterwarnings("error")
def test_memory_may_lie_anyhow():
    waveform = np.linspace(-1, 1, 2000, dtype=np.float32)
    expected = spectrogram(waveform[::-1].copy(), 16_000, LogMel())
    assert torch.equal(spectrogram(*as_clips(waveform[::-1], 16_000), 16_000, LogMel()), expected)
    fixed = np.frombuffer(waveform[::-1].tobytes(), np.float32)
    assert torch.equal(spectrogram(*as_clips(fixed, 16_000), 16_000, LogMel()), expected)
    assert torch.equal(spectrogram(*as_clips(fixed.astype(">f4"), 16_000), 16_000, LogMel()), expected)


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 44_100])
@pytest.mark.parametrize("style", ["librosa", "kaldi"])
@pytest.mark.parametrize("blocks", [0.05, 1.3])
def test_the_spectrogram_is_that_of_the_file(tmp_path, rate, style, blocks):
    """Though the file is decoded in pieces of its own, and wherever in memory the waveform begins."""
    samples = round(blocks * (1 << 19))
    waveform = (0.1 * np.random.default_rng(0).standard_normal(samples)).astype(np.float32)
    soundfile.write(tmp_path / "clip.wav", waveform, rate, subtype="FLOAT")
    logmel = LogMel(style=style)
    expected = read_logmel(tmp_path / "clip.wav", logmel)
    assert torch.equal(spectrogram(waveform, rate, logmel), expected)
    assert torch.equal(spectrogram(misaligned(waveform), rate, logmel), expected)
    stereo = np.stack([waveform, waveform], axis=1)  # of which half as many samples are decoded at a time
    soundfile.write(tmp_path / "stereo.wav", stereo, rate, subtype="FLOAT")
    assert torch.equal(read_logmel(tmp_path / "stereo.wav", logmel), expected)


@pytest.mark.parametrize("style", ["librosa", "kaldi"])
@pytest.mark.parametrize(("samples", "rate"), [(1, 48_000), (1, 16_000), (100, 8000)])
def test_what_is_shorter_than_a_frame_is_filled_up(style, samples, rate):
    found = spectrogram(np.full(samples, 0.1, np.float32), rate, LogMel(style=style))
    assert found.shape[0] == 80
    assert found.shape[1] >= 1
    assert found.isfinite().all()
