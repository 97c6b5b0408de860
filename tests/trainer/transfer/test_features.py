from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from patterngen import RunFailedError
from trainer.audio import LogMel
from trainer.transfer.features import alike, embed, logmel_floor, spectrograms, statistics


@pytest.fixture(scope="module")
def clips():
    random = torch.Generator().manual_seed(0)
    return [3 * torch.randn(32, frames, generator=random) - 4 for frames in (20, 70, 33, 70, 8, 41, 65, 20)]


def test_batches_hold_clips_of_equal_length_each_once(ear, clips):
    batches = list(alike(ear, clips, 2))
    assert sorted(i for batch in batches for i in batch) == list(range(len(clips)))
    for batch in batches:
        assert len(batch) <= 2
        assert len({int(ear.steps(torch.tensor([clips[i].shape[1]]))) for i in batch}) == 1


def test_an_embedding_is_its_clips_alone(ear, clips):
    together = embed(ear, clips)
    alone = torch.cat([embed(ear, [clip]) for clip in clips])
    assert together.shape == (len(clips), ear.dim)
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)
    torch.testing.assert_close(embed(ear, clips, batch_size=1), alone, atol=0, rtol=0)


def test_the_order_of_clips_changes_no_bit(ear, clips):
    turned = embed(ear, clips[::-1], batch_size=1).flip(0)
    assert torch.equal(turned, embed(ear, clips, batch_size=1))
    assert torch.equal(embed(ear, clips), embed(ear, clips))


def test_an_encoder_that_gives_nan_is_not_scored(ear, clips):
    with pytest.raises(RunFailedError, match="broken: the encoder gives NaN"):
        embed(ear, [torch.full((32, 20), torch.nan)], label="broken")


def test_the_floor_is_mean_and_deviation_of_each_band():
    clip = torch.tensor([[1.0, 3.0], [5.0, 5.0]])
    assert logmel_floor([clip, clip + 1]).tolist() == [[2, 5, 1, 0], [3, 6, 1, 0]]


def test_statistics_are_over_all_bands_and_frames(clips):
    values = np.concatenate([clip.numpy().ravel() for clip in clips])
    assert statistics(clips) == pytest.approx((values.mean(), values.std(ddof=1)), rel=1e-4)
    assert statistics([torch.zeros(4, 5)]) == (0, 1e-3)  # silence divides by no zero


def test_clips_are_cut_but_not_filled_up(tmp_path):
    def clip(name: str, seconds: float) -> Path:
        soundfile.write(tmp_path / name, 0.1 * np.sin(np.arange(round(16000 * seconds))), 16000)
        return tmp_path / name

    logmel = LogMel()
    paths = [clip("short.wav", 0.2), clip("long.wav", 2.0)]
    short, long = spectrograms(paths, logmel, clip_seconds=1.0)
    assert (short.shape[1], long.shape[1]) == (logmel.frames(3200), logmel.frames(16000))
    whole = spectrograms(paths, logmel, clip_seconds=None)[1]
    # Up to where the transform reaches over the cut.
    torch.testing.assert_close(long[:, :-2], whole[:, : long.shape[1] - 2], atol=1e-5, rtol=0)
