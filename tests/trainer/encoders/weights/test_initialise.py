import pytest
import torch

from tests.trainer.foreign import SMALL_DECODER, autoencoder, timm_file
from trainer.encoders.exported import load_encoder
from trainer.encoders.weights.initialise import initialise
from trainer.errors import TrainerError
from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder
from trainer.model.positions import sincos_positions


def test_a_run_of_another_input_starts_from_what_fits(imported):
    model = autoencoder((16, 64), (8, 8), channels=1)
    fresh_head = model.decoder.head.weight.clone()
    lines = initialise(model, imported[0])
    assert "adapted encoder.pos_embed [1×17×192]: 4×4 → 2×8, sin-cos table computed afresh" in lines
    assert "adapted encoder.patch_embed.proj.weight [192×3×8×8]: 3 channels summed into 1" in lines
    assert "left    decoder.head.weight [192×64]: (64, 64) here" in lines
    assert torch.equal(model.encoder.pos_embed, sincos_positions((2, 8), 192))
    assert torch.equal(model.decoder.head.weight, fresh_head)
    _, state = load_encoder(imported[0])
    assert torch.equal(model.encoder.blocks[3].mlp.fc1.weight, state["blocks.3.mlp.fc1.weight"])


def test_learned_positions_are_interpolated_and_patches_resampled(imported, tmp_path):
    timm_file(tmp_path / "vit.safetensors")  # whose positions are random
    model = autoencoder((16, 64), (8, 16), positions="learned")
    lines = initialise(model, tmp_path / "vit.safetensors")
    assert "adapted encoder.pos_embed [1×17×192]: 4×4 → 2×4, interpolated (bicubic)" in lines
    assert "adapted encoder.patch_embed.proj.weight [192×3×8×8]: patch 8×8 → 8×16, resampled" in lines
    assert model.encoder.pos_embed.requires_grad


def test_gray_pictures_are_encoded_alike_by_one_channel_and_three(imported):
    gray, colour = autoencoder(channels=1), autoencoder()
    for model in (gray, colour):
        initialise(model, imported[0])
    images = torch.randn(2, 1, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(
            gray.encoder.forward_features(images),
            colour.encoder.forward_features(images.expand(-1, 3, -1, -1)),
            rtol=1e-4,
            atol=1e-4,
        )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"decoder_heads": 2}, "the decoder here has 2 heads, not 4"),
        ({"decoder_depth": 1}, "the decoder here is of another kind, width or depth"),
        ({"decoder": "cross"}, "the decoder here is of another kind, width or depth"),
    ],
)
def test_a_decoder_of_another_make_is_left(imported, options, said):
    lines = initialise(autoencoder(**options), imported[0])
    assert f"left    decoder.mask_token [1×1×64]: {said}" in lines


def test_the_teacher_starts_as_the_encoder(imported):
    model = autoencoder(target="teacher")
    initialise(model, imported[0])
    own, other = model.teacher.vit.state_dict(), model.encoder.state_dict()
    assert all(torch.equal(own[name], other[name]) for name in own)


def test_a_model_of_another_size_is_refused(imported):
    vit = build_encoder("vit_small", input_size=(32, 32), patch_size=(8, 8), channels=3)
    with pytest.raises(TrainerError, match="is a vit_tiny: give --model vit_tiny"):
        initialise(MaskedAutoencoder(vit, MaskedAutoencoderConfig(**SMALL_DECODER)), imported[0])
