import pytest
import timm
import torch

from trainer.encoders.config import EncoderConfig, new_encoder
from trainer.encoders.exported import export_encoder, load_encoder
from trainer.encoders.weights.layouts import WIDTHS
from trainer.errors import TrainerError
from trainer.model.encoder import MODELS, build_encoder, encode_patches
from trainer.model.patches import patchify
from trainer.model.positions import sincos_positions

SMALL = {"depth": 2, "embed_dim": 32, "num_heads": 2}


def encoder(size=(32, 32), patch=(8, 8), channels=3):
    torch.manual_seed(0)
    return build_encoder("vit_tiny", input_size=size, patch_size=patch, channels=channels, **SMALL)


@pytest.mark.parametrize(
    ("size", "patch", "channels"),
    [((32, 32), (8, 8), 3), ((16, 48), (8, 16), 1), ((32, 16), (16, 8), 1), ((32, 64), (32, 32), 3)],
)
def test_all_patches_in_order_give_what_timm_gives(size, patch, channels):
    vit = encoder(size, patch, channels).eval()
    images = torch.randn(3, channels, *size)
    with torch.no_grad():
        ours = encode_patches(vit, patchify(images, patch), vit.pos_embed[:, 1:])
        torch.testing.assert_close(ours, vit.forward_features(images), atol=1e-5, rtol=0)


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_patches_that_are_not_seen_change_nothing(fused, precision):
    vit = encoder().eval()
    for block in vit.blocks:
        block.attn.fused_attn = fused
    patches = patchify(torch.randn(2, 3, 32, 32), (8, 8))
    seen = torch.arange(16) < torch.tensor([[5], [16]])
    other = torch.where(seen[:, :, None], patches, 100.0)
    positions = vit.pos_embed[:, 1:]
    with torch.no_grad(), torch.autocast("cpu", precision, enabled=precision != torch.float32):
        both = [encode_patches(vit, some, positions, seen)[0, :6] for some in (patches, other)]
        alone = encode_patches(vit, patches[:1, :5], positions[:, :5])[0]
    assert torch.equal(*both)
    torch.testing.assert_close(both[0], alone, atol=1e-5 if precision == torch.float32 else 0.05, rtol=0)


PARAMETERS = {  # blocks of 12·D² + 13·D, the patches, the class token and the last norm; no positions
    "vit_tiny": 12 * (12 * 192**2 + 13 * 192) + 769 * 192 + 3 * 192,
    "vit_small": 12 * (12 * 384**2 + 13 * 384) + 769 * 384 + 3 * 384,
    "vit_base": 12 * (12 * 768**2 + 13 * 768) + 769 * 768 + 3 * 768,
    "vit_large": 24 * (12 * 1024**2 + 13 * 1024) + 769 * 1024 + 3 * 1024,
    "vit_huge": 32 * (12 * 1280**2 + 13 * 1280) + 769 * 1280 + 3 * 1280,
}


@pytest.mark.parametrize("name", MODELS)
def test_the_models_are_those_of_the_paper(name):
    with torch.device("meta"):
        vit = build_encoder(name, input_size=(224, 224), patch_size=(16, 16), channels=3)
    assert WIDTHS[vit.embed_dim] == name
    assert sum(weight.numel() for weight in vit.parameters() if weight.requires_grad) == PARAMETERS[name]


@pytest.mark.parametrize("patch", [(8, 8), (16, 16), (32, 32), (16, 8)])
@pytest.mark.parametrize("positions", ["sincos", "learned"])
def test_plain_timm_loads_an_exported_encoder(tmp_path, patch, positions):
    torch.manual_seed(1)
    vit = build_encoder(
        "vit_tiny", input_size=(32, 64), patch_size=patch, channels=1, positions=positions
    ).eval()
    config = EncoderConfig(
        model="vit_tiny", input_size=(32, 64), patch_size=patch, channels=1, mean=0.5, std=0.2
    )
    export_encoder(tmp_path, config, vit.state_dict())
    plain = timm.create_model(
        "vit_tiny_patch16_224",
        img_size=(32, 64),
        patch_size=patch,
        in_chans=1,
        num_classes=0,
        checkpoint_path=tmp_path / "encoder.safetensors",
    ).eval()
    images = torch.randn(2, 1, 32, 64)
    with torch.no_grad():
        assert torch.equal(plain.forward_features(images), vit.forward_features(images))
    again = new_encoder(config)
    again.load_state_dict(load_encoder(tmp_path)[1])
    assert torch.equal(again.pos_embed, vit.pos_embed)


def test_positions_are_fixed_unless_they_are_learned():
    vit = encoder((16, 48), (8, 16), 1)
    assert not vit.pos_embed.requires_grad
    assert torch.equal(vit.pos_embed, sincos_positions((2, 3), 32))
    learned = build_encoder(
        "vit_tiny", input_size=(16, 16), patch_size=(8, 8), channels=1, positions="learned", **SMALL
    )
    assert learned.pos_embed.requires_grad


@pytest.mark.parametrize(
    ("size", "said"), [((33, 32), "height 33 .* patch's height 8"), ((32, 0), "width 0 .* patch's width 8")]
)
def test_an_input_that_the_patch_does_not_divide_is_refused(size, said):
    with pytest.raises(TrainerError, match=said):
        encoder(size)


def test_an_unknown_model_is_refused():
    with pytest.raises(TrainerError, match="unknown model 'vit_giant': choose from vit_tiny, vit_small"):
        build_encoder("vit_giant", input_size=(32, 32), patch_size=(8, 8), channels=3)
