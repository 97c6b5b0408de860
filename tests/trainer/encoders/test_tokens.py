import numpy as np
import pytest
import torch

from patterngen import RunFailedError
from trainer.encoders import tokens as module
from trainer.encoders.feature import NORM, Feature
from trainer.encoders.features import embed_features
from trainer.encoders.tokens import Tokens, embed_tokens, logmel_tokens


def clips(sound_encoder, *frames):
    return [
        torch.randn(sound_encoder.logmel.n_mels, count, generator=torch.Generator().manual_seed(count))
        for count in frames
    ]


def test_the_mean_of_the_steps_is_the_feature(sound_encoder):
    """Of clips that are shorter than the input, as long, and longer."""
    sounds = clips(sound_encoder, 20, sound_encoder.chunk, 3 * sound_encoder.chunk + 40)
    layers = [2, NORM]
    found = embed_tokens(sound_encoder, sounds, layers, label=None)
    assert found.steps == tuple(
        sound_encoder.steps(torch.tensor([20, sound_encoder.chunk, 3 * sound_encoder.chunk + 40])).tolist()
    )
    feature = Feature((2, NORM), "concat+std")
    expected = embed_features(sound_encoder, sounds, [feature], label=None)[feature]
    means, stds = expected.unflatten(1, (2, 2, -1)).unbind(dim=2)
    for i in range(3):
        assert found[i].shape == (found.steps[i], 2 * sound_encoder.dim)
        std, mean = torch.std_mean(found[i].float(), dim=0, correction=0)
        np.testing.assert_allclose(mean, means[i].flatten(), atol=5e-3)
        np.testing.assert_allclose(std, stds[i].flatten(), atol=5e-3)


def test_what_does_not_fit_into_memory_lies_in_a_file(monkeypatch):
    monkeypatch.setattr(module, "_IN_MEMORY", 100)
    large = Tokens([3, 1], 20)
    large[1].fill_(7)
    assert (large[0] == 0).all()
    assert (large[1] == 7).all()
    assert large.values.shape == (4, 20)


def test_frames_of_log_mels_are_time_steps(sound_encoder):
    sounds = clips(sound_encoder, 5, 9)
    found = logmel_tokens(sounds)
    for clip, own in zip(sounds, (found[0], found[1]), strict=True):
        np.testing.assert_allclose(own.float(), clip.T, rtol=1e-3, atol=1e-3)


def test_an_encoder_that_diverged_is_told(sound_encoder):
    sounds = clips(sound_encoder, 20)
    sounds[0][:] = torch.nan
    with pytest.raises(RunFailedError, match="NaN or infinity"):
        embed_tokens(sound_encoder, sounds, [NORM], label=None)
