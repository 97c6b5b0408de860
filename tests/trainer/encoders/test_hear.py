from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.encoders import small_config
from trainer.encoders import hear
from trainer.encoders.config import new_encoder
from trainer.encoders.encoder import Encoder
from trainer.encoders.feature import Feature
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.errors import TrainerError
from trainer.sound.logmel import LogMel

pytestmark = pytest.mark.numerical


@pytest.fixture(scope="module")
def model(sound_encoder_folder):
    return hear.load_model(str(sound_encoder_folder))


@pytest.fixture(scope="module")
def audio():
    return 0.1 * torch.randn(3, 12_345, generator=torch.Generator().manual_seed(0))


def test_embeddings_are_the_encoders(model, audio):
    assert (model.sample_rate, model.scene_embedding_size) == (16_000, 384)
    scenes = hear.get_scene_embeddings(audio, model)
    assert scenes.dtype == torch.float32
    np.testing.assert_array_equal(scenes.numpy(), model.encoder.embed(audio, 16_000))


def test_scenes_have_what_their_feature_adds_over_time(sound_encoder, audio):
    config = replace(sound_encoder.config, feature=Feature((6, "norm")))
    model = hear.HearModel(Encoder(SoundEncoder(sound_encoder.vit, config)))
    assert (model.scene_embedding_size, model.timestamp_embedding_size) == (2 * 2 * 384, 2 * 384)
    assert hear.get_scene_embeddings(audio, model).shape == (3, 2 * 2 * 384)
    assert hear.get_timestamp_embeddings(audio, model)[0].shape[2] == 2 * 384


def test_timestamps_are_as_hear_wants_them(model, audio):
    features, stamps = hear.get_timestamp_embeddings(audio, model)
    assert features.shape == (*stamps.shape, model.timestamp_embedding_size)
    assert features.dtype == stamps.dtype == torch.float32
    assert (stamps == stamps[:1]).all()
    gaps = stamps.diff()
    assert gaps.min() > 0
    assert gaps.max() <= 50
    assert (gaps - gaps[0, 0]).abs().max() < 1e-3
    assert stamps.min() >= 0
    assert stamps.max() <= 12_345 / 16


def test_the_model_moves_as_a_module_does(model):
    assert sum(weight.numel() for weight in model.parameters()) > 5e6
    assert model.to("cpu").encoder.device == torch.device("cpu")
    assert not model.training


def test_training_on_top_changes_nothing(model, audio):
    expected = hear.get_scene_embeddings(audio, model)
    model.train()
    assert torch.equal(hear.get_scene_embeddings(audio, model), expected)
    model.eval()


@pytest.mark.parametrize(
    ("own", "heard"), [(8000, 16_000), (24_000, 44_100), (48_000, 48_000), (96_000, 48_000)]
)
def test_other_rates_are_resampled_from_one_that_hear_knows(own, heard):
    logmel = LogMel(sample_rate=own, n_mels=16, f_max=4000.0)
    config = small_config(16, 32, logmel=logmel)
    model = hear.HearModel(Encoder(SoundEncoder(new_encoder(config), config)))
    assert model.sample_rate == heard
    time = torch.arange(heard // 2) / heard
    found = hear.get_scene_embeddings((0.1 * torch.sin(2764.6 * time))[None], model)
    expected = model.encoder.embed(0.1 * torch.sin(2764.6 * torch.arange(own // 2) / own), own)
    assert np.abs(found.numpy() - expected).max() < 0.1 * expected.std()


@pytest.mark.parametrize("embed", [hear.get_scene_embeddings, hear.get_timestamp_embeddings])
def test_absurd_samples_are_refused(model, embed):
    audio = torch.tensor([[0.1, 0.1], [0.1, -3e38]])
    with pytest.raises(TrainerError, match=r"clip 1 of 2 holds a sample of -3e\+38"):
        embed(audio, model)
