import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.encoders.config import new_encoder
from trainer.encoders.exported import load_encoder
from trainer.encoders.features import embed_clips
from trainer.encoders.sound_encoder import SoundEncoder, random_sound_encoder
from trainer.errors import TrainerError
from trainer.model.encoder import encode_patches
from trainer.model.patches import patchify
from trainer.sound.logmel import standardise

pytestmark = pytest.mark.usefixtures("_no_gradients")


def test_a_picture_encoder_does_not_hear(picture_encoder):
    config, _ = load_encoder(picture_encoder)
    with pytest.raises(TrainerError, match="no sound settings"):
        SoundEncoder(new_encoder(config), config)


def test_random_weights_are_of_the_same_kind_and_follow_from_the_seed(sound_encoder):
    one, same, other = (random_sound_encoder(sound_encoder, seed).vit.state_dict() for seed in (1, 1, 2))
    assert [tensor.shape for tensor in one.values()] == [
        tensor.shape for tensor in sound_encoder.vit.state_dict().values()
    ]
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["patch_embed.proj.weight"], other["patch_embed.proj.weight"])
    assert torch.equal(one["pos_embed"], other["pos_embed"])


@pytest.mark.parametrize(
    ("frames", "steps"), [(0, 1), (1, 1), (16, 1), (23, 1), (24, 2), (39, 2), (40, 3), (64, 4), (1000, 63)]
)
def test_a_time_step_counts_when_it_is_filled_by_half(sound_encoder, frames, steps):
    assert sound_encoder.steps(torch.tensor([frames])).item() == steps


def test_a_time_step_holds_its_patches_low_frequencies_first(sound_encoder):
    assert sound_encoder.dim == 2 * 192
    spectrogram = torch.randn(1, 32, 64)
    tokens = sound_encoder.vit.forward_features(spectrogram[:, None])[0, 1:].reshape(2, 4, 192)  # rows, steps
    features = sound_encoder(spectrogram)[0]
    torch.testing.assert_close(features[:, :192], tokens[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(features[:, 192:], tokens[1], atol=1e-5, rtol=0)


@given(st.integers(1, 11))
@settings(max_examples=6)
def test_a_long_clip_is_its_chunks(sound_encoder, steps):
    clip = torch.randn(2, 32, 16 * steps)
    parts = torch.cat([sound_encoder(chunk) for chunk in clip.split(64, dim=2)], dim=1)
    assert parts.shape == (2, steps, sound_encoder.dim)
    torch.testing.assert_close(sound_encoder(clip), parts, atol=1e-5, rtol=0)


def test_a_narrow_chunk_takes_the_first_columns(sound_encoder):
    clip = torch.randn(1, 32, 32)
    positions = sound_encoder.vit.pos_embed[:, 1:].reshape(1, 2, 4, 192)[:, :, :2].reshape(1, 4, 192)
    tokens = encode_patches(sound_encoder.vit, patchify(clip[:, None], (16, 16)), positions)[:, 1:]
    torch.testing.assert_close(sound_encoder(clip)[0, :, :192], tokens[0, :2], atol=1e-5, rtol=0)


def test_an_embedding_is_the_average_over_its_time(sound_encoder):
    clip = 3 * torch.randn(32, 96) - 4
    features = sound_encoder(standardise(clip, sound_encoder.config.mean, sound_encoder.config.std)[None])[0]
    torch.testing.assert_close(embed_clips(sound_encoder, [clip])[0], features.mean(dim=0), atol=1e-5, rtol=0)


@pytest.mark.parametrize("fused", [True, False])
@given(steps=st.lists(st.integers(1, 12), min_size=2, max_size=4))
@settings(max_examples=5)
def test_what_fills_up_a_clip_changes_none_of_its_time_steps(sound_encoder, fused, steps):
    for block in sound_encoder.vit.blocks:
        block.attn.fused_attn = fused
    batch = torch.randn(len(steps), 32, sound_encoder.width(max(steps)))
    together = sound_encoder(batch, torch.tensor(steps))
    for row, count in enumerate(steps):
        alone = sound_encoder(batch[row : row + 1, :, : sound_encoder.width(count)])
        torch.testing.assert_close(together[row : row + 1, :count], alone, atol=1e-5, rtol=0)
