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


def test_random_weights_are_of_the_same_kind_and_follow_from_the_seed(ear):
    one, same, other = (random_sound_encoder(ear, seed).vit.state_dict() for seed in (1, 1, 2))
    assert [tensor.shape for tensor in one.values()] == [
        tensor.shape for tensor in ear.vit.state_dict().values()
    ]
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["patch_embed.proj.weight"], other["patch_embed.proj.weight"])
    assert torch.equal(one["pos_embed"], other["pos_embed"])


@pytest.mark.parametrize(
    ("frames", "steps"), [(0, 1), (1, 1), (16, 1), (23, 1), (24, 2), (39, 2), (40, 3), (64, 4), (1000, 63)]
)
def test_a_time_step_counts_when_it_is_filled_by_half(ear, frames, steps):
    assert ear.steps(torch.tensor([frames])).item() == steps


def test_a_time_step_holds_its_patches_low_frequencies_first(ear):
    assert ear.dim == 2 * 192
    spectrogram = torch.randn(1, 32, 64)
    tokens = ear.vit.forward_features(spectrogram[:, None])[0, 1:].reshape(2, 4, 192)  # rows, steps
    features = ear(spectrogram)[0]
    torch.testing.assert_close(features[:, :192], tokens[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(features[:, 192:], tokens[1], atol=1e-5, rtol=0)


@given(st.integers(1, 11))
@settings(max_examples=6)
def test_a_long_clip_is_its_chunks(ear, steps):
    clip = torch.randn(2, 32, 16 * steps)
    parts = torch.cat([ear(chunk) for chunk in clip.split(64, dim=2)], dim=1)
    assert parts.shape == (2, steps, ear.dim)
    torch.testing.assert_close(ear(clip), parts, atol=1e-5, rtol=0)


def test_a_narrow_chunk_takes_the_first_columns(ear):
    clip = torch.randn(1, 32, 32)
    positions = ear.vit.pos_embed[:, 1:].reshape(1, 2, 4, 192)[:, :, :2].reshape(1, 4, 192)
    tokens = encode_patches(ear.vit, patchify(clip[:, None], (16, 16)), positions)[:, 1:]
    torch.testing.assert_close(ear(clip)[0, :, :192], tokens[0, :2], atol=1e-5, rtol=0)


def test_an_embedding_is_the_average_over_its_time(ear):
    clip = 3 * torch.randn(32, 96) - 4
    features = ear(standardise(clip, ear.config.mean, ear.config.std)[None])[0]
    torch.testing.assert_close(embed_clips(ear, [clip])[0], features.mean(dim=0), atol=1e-5, rtol=0)


@pytest.mark.parametrize("fused", [True, False])
@given(steps=st.lists(st.integers(1, 12), min_size=2, max_size=4))
@settings(max_examples=5)
def test_what_fills_up_a_clip_changes_none_of_its_time_steps(ear, fused, steps):
    for block in ear.vit.blocks:
        block.attn.fused_attn = fused
    batch = torch.randn(len(steps), 32, ear.width(max(steps)))
    together = ear(batch, torch.tensor(steps))
    for row, count in enumerate(steps):
        alone = ear(batch[row : row + 1, :, : ear.width(count)])
        torch.testing.assert_close(together[row : row + 1, :count], alone, atol=1e-5, rtol=0)
