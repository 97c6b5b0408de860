from dataclasses import replace

import numpy as np
import pytest
import torch

from trainer.encoders.exported import export_encoder
from trainer.encoders.feature import Feature
from trainer.encoders.xares import XaresFeatures
from trainer.errors import TrainerError

pytestmark = pytest.mark.numerical


@pytest.fixture(scope="module")
def encoder(sound_encoder_folder):
    class EarEncoder(XaresFeatures):
        path = str(sound_encoder_folder)

    return EarEncoder()


def test_features_are_the_encoders_over_time(encoder):
    audio = 0.1 * torch.randn(2, 50_000, generator=torch.Generator().manual_seed(0))
    features = encoder(audio)
    expected, times = encoder.encoder.frames(audio, encoder.sampling_rate)
    np.testing.assert_array_equal(features.numpy(), expected)
    assert features.shape == (2, len(times), encoder.output_dim)


@pytest.mark.parametrize("seconds", [0.5, 1, 2.08, 10])
def test_the_number_of_steps_follows_from_the_hop(encoder, seconds):
    assert encoder.hop_size_in_ms == 40
    # As X-ARES lays labels over time.
    steps = np.ceil(seconds / (encoder.hop_size_in_ms / 1000))
    assert abs(encoder(torch.zeros(1, round(16_000 * seconds))).shape[1] - steps) <= 1


def test_a_coarser_hop_may_be_chosen(sound_encoder_folder):
    class CoarseEncoder(XaresFeatures):
        path = str(sound_encoder_folder)
        max_hop_ms = 200.0

    assert CoarseEncoder().hop_size_in_ms == 160
    assert CoarseEncoder()(torch.zeros(1, 16_000)).shape[1] == 7


def test_a_time_step_has_as_many_numbers_as_layers(sound_encoder, tmp_path):
    config = replace(sound_encoder.config, feature=Feature((6, "norm", "logmel")))
    export_encoder(tmp_path, config, sound_encoder.vit.state_dict())

    class FusedEncoder(XaresFeatures):
        path = str(tmp_path)

    assert FusedEncoder().output_dim == 2 * 384 + 32
    assert FusedEncoder()(torch.zeros(1, 16_000)).shape[2] == 2 * 384 + 32


def test_a_class_must_say_which_encoder():
    class NoEncoder(XaresFeatures):
        pass

    with pytest.raises(TrainerError, match='NoEncoder names no encoder: give it path = "FOLDER"'):
        NoEncoder()
