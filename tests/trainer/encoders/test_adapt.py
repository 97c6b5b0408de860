import re
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import conv2d

from trainer.encoders.adapt import adapt_to_sound, adapt_weights, adaptation_report, sum_channels
from trainer.encoders.config import new_encoder
from trainer.encoders.exported import export_encoder, load_encoder
from trainer.encoders.features import embed_clips
from trainer.errors import TrainerError
from trainer.model.encoder import encode_patches
from trainer.model.patches import patchify
from trainer.model.positions import sincos_positions
from trainer.sound.logmel import LogMel

pytestmark = pytest.mark.usefixtures("_no_gradients")
LOGMEL = LogMel(n_mels=32)


def adapted(source, frames=32, positions="auto"):
    return adapt_to_sound(source, logmel=LOGMEL, frames=frames, mean=0.0, std=1.0, positions=positions)


# --- from colour to one channel ----------------------------------------------------------------


@given(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**31))
@settings(max_examples=25)
def test_summed_weights_see_gray_as_colour_weights_do(width, height, breadth, seed):
    random = torch.Generator().manual_seed(seed)
    weight = torch.randn(width, 3, height, breadth, generator=random)
    gray = torch.randn(2, 1, 2 * height, 3 * breadth, generator=random)
    colour = conv2d(gray.expand(-1, 3, -1, -1), weight, stride=(height, breadth))
    one = conv2d(gray, sum_channels(weight), stride=(height, breadth))
    torch.testing.assert_close(one, colour, atol=1e-4, rtol=1e-5)


def test_so_the_whole_encoder_does(picture_encoder):
    config, state = load_encoder(picture_encoder)
    colour = new_encoder(config).eval()
    colour.load_state_dict(state)
    sound = adapted(picture_encoder)  # of the same grid
    gray = torch.randn(3, 1, 32, 32)
    tokens = colour.forward_features(gray.expand(-1, 3, -1, -1))
    patches = patchify(gray, (16, 16))
    heard = encode_patches(sound.vit, patches, sound.vit.pos_embed[:, 1:])
    torch.testing.assert_close(heard, tokens, atol=1e-5, rtol=0)
    groups = "blocks (144), cls_token (1), norm (2), patch_embed (1), pos_embed (1)"
    assert sound.load_report == (
        "patch_embed.proj.weight: 3 channels summed into 1",
        f"{len(state) - 1} other tensors: as they were: {groups}",
    )


# --- from one grid to another ------------------------------------------------------------------


def test_sincos_positions_are_those_of_the_new_grid(picture_encoder):
    sound = adapted(picture_encoder, frames=80, positions="sincos")
    assert torch.equal(sound.vit.pos_embed, sincos_positions((2, 5), 192))
    assert sound.load_report[1] == "pos_embed: 2×2 → 2×5, sin-cos table computed afresh"


def test_interpolated_positions_keep_the_class_token_and_the_middle():
    state = {
        "patch_embed.proj.weight": torch.ones(4, 1, 2, 2),
        "pos_embed": torch.cat([torch.full((1, 1, 4), 9.0), torch.ones(1, 4, 4)], dim=1),
    }
    result = adapt_weights(state, old_grid=(2, 2), new_grid=(2, 6), positions="interpolate")
    assert result.state["pos_embed"].shape == (1, 13, 4)
    torch.testing.assert_close(result.state["pos_embed"][0, 0], torch.full((4,), 9.0))
    torch.testing.assert_close(result.state["pos_embed"][0, 1:], torch.ones(12, 4))
    assert torch.equal(result.state["patch_embed.proj.weight"], state["patch_embed.proj.weight"])
    assert state["pos_embed"].shape == (1, 5, 4)  # what was given is not changed


def test_interpolation_keeps_the_order_of_places(picture_encoder):
    config, state = load_encoder(picture_encoder)
    state["pos_embed"][0, 1:, 0] = torch.tensor([0.0, 1.0, 0.0, 1.0])  # the column, in the first number
    export = picture_encoder.parent / "columns"
    export_encoder(export, config, state)
    row = adapted(export, frames=96, positions="interpolate").vit.pos_embed[0, 1:, 0].reshape(2, 6)[0]
    assert all(left < right for left, right in pairwise(row.tolist()[1:-1]))


def test_every_other_tensor_stays(picture_encoder):
    _, state = load_encoder(picture_encoder)
    sound = adapted(picture_encoder, frames=80).vit.state_dict()
    changed = {name for name in state if sound[name].shape != state[name].shape}
    assert changed == {"patch_embed.proj.weight", "pos_embed"}
    assert all(torch.equal(sound[name], state[name]) for name in state.keys() - changed)


@pytest.mark.parametrize("positions", ["interpolate", "sincos"])
def test_every_tensor_is_accounted_for_once(picture_encoder, positions):
    _, state = load_encoder(picture_encoder)
    *changed, same = adapted(picture_encoder, frames=80, positions=positions).load_report
    assert [line.partition(":")[0] for line in changed] == ["patch_embed.proj.weight", "pos_embed"]
    groups = dict(re.findall(r"(\w+) \((\d+)\)", same))
    assert groups.keys() == {name.partition(".")[0] for name in state} - {"pos_embed"}
    assert sum(map(int, groups.values())) + len(changed) == len(state)
    assert adaptation_report([]) == ()


# --- patches that overlap ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def dense(picture_encoder):
    """Steps of 8 bands and 4 frames between patches of 16²: a grid of 3 × 13."""
    return adapt_to_sound(
        picture_encoder, logmel=LOGMEL, frames=64, mean=-4.0, std=3.0, positions="sincos", stride=(8, 4)
    )


def test_overlapping_patches_are_those_of_a_strided_convolution(dense):
    """timm's own forward pass, whose patch embedding is that convolution, gives the same."""
    assert dense.vit.patch_embed.grid_size == (3, 13)
    spectrogram = torch.randn(2, 32, 64)
    tokens = dense.vit.forward_features(spectrogram[:, None])[:, 1:].unflatten(1, (3, 13))
    features = dense(spectrogram).unflatten(2, (3, -1)).transpose(1, 2)
    torch.testing.assert_close(features, tokens, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("frames", "steps"), [(1, 1), (8, 1), (11, 1), (12, 2), (64, 15), (1000, 249)])
def test_an_overlapping_step_counts_when_it_is_filled_by_half(dense, frames, steps):
    assert dense.steps(torch.tensor([frames])).item() == steps


def test_steps_of_a_long_clip_lie_evenly_across_its_chunks(dense):
    spectrogram = torch.randn(1, 32, dense.width(30))
    features = dense(spectrogram)
    assert features.shape == (1, 30, 3 * 192)
    second = dense(spectrogram[:, :, 13 * 4 :][:, :, : dense.width(13)])
    torch.testing.assert_close(features[:, 13:26], second, atol=1e-5, rtol=0)


def test_a_stride_of_the_patch_is_no_stride(picture_encoder):
    plain = adapted(picture_encoder, frames=64)
    same = adapt_to_sound(picture_encoder, logmel=LOGMEL, frames=64, mean=0.0, std=1.0, stride=(16, 16))
    assert same.config == plain.config
    assert same.sha256 == plain.sha256


def test_positions_are_interpolated_to_the_finer_grid(picture_encoder):
    config, state = load_encoder(picture_encoder)
    state["pos_embed"][0, 1:, 0] = torch.tensor([0.0, 0.0, 1.0, 1.0])  # the row, in the first number
    export = picture_encoder.parent / "rows"
    export_encoder(export, config, state)
    sound = adapt_to_sound(export, logmel=LOGMEL, frames=64, mean=0.0, std=1.0, stride=(4, 16))
    assert "pos_embed: 2×2 → 5×4, interpolated (bicubic)" in sound.load_report
    column = sound.vit.pos_embed[0, 1:, 0].reshape(5, 4)[:, 0]
    assert all(low < high for low, high in pairwise(column.tolist()[1:-1]))


def test_an_encoder_of_overlapping_patches_survives_a_round_trip(dense, tmp_path):
    export_encoder(tmp_path, dense.config, dense.vit.state_dict())
    again = adapt_to_sound(tmp_path, logmel=LOGMEL, frames=32, mean=0.0, std=1.0)
    assert again.config == dense.config
    clip = torch.randn(32, 150)
    assert torch.equal(embed_clips(again, [clip]), embed_clips(dense, [clip]))


@pytest.mark.parametrize("stride", [(17, 8), (8, 0)])
def test_strides_that_leave_gaps_are_refused(picture_encoder, stride):
    with pytest.raises(TrainerError, match=r"stride .* must be 1 … 16, the patch's"):
        adapt_to_sound(picture_encoder, logmel=LOGMEL, frames=64, mean=0.0, std=1.0, stride=stride)


def test_a_sound_encoder_is_taken_as_it_is(sound_encoder, tmp_path):
    export_encoder(tmp_path, sound_encoder.config, sound_encoder.vit.state_dict())
    again = adapt_to_sound(tmp_path, logmel=LogMel(), frames=160, mean=5.0, std=9.0)
    assert again.config == sound_encoder.config
    clip = torch.randn(32, 40)
    assert torch.equal(embed_clips(again, [clip]), embed_clips(sound_encoder, [clip]))


def test_frames_that_the_patch_does_not_divide_are_refused(picture_encoder):
    with pytest.raises(TrainerError, match="width 100 is not a multiple of the patch's width 16"):
        adapted(picture_encoder, frames=100)
