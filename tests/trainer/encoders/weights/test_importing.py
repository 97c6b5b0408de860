import pytest
import torch
from published.mae_reference import PlainMAE
from safetensors.torch import save_file

from tests.trainer.foreign import autoencoder
from trainer.encoders.config import EncoderConfig
from trainer.encoders.exported import load_encoder
from trainer.encoders.weights.importing import ImportConfig, import_weights
from trainer.encoders.weights.initialise import initialise
from trainer.encoders.weights.load_report import TensorRecord, load_report
from trainer.errors import TrainerError
from trainer.model.patches import patchify


def test_the_plain_model_has_the_published_names_and_shapes():
    """ViT-B/16 at 224² with its decoder of 8 blocks of width 512, as the published checkpoints hold it."""

    def block(d):
        return {
            **{f"norm{i}.{kind}": (d,) for i in (1, 2) for kind in ("weight", "bias")},
            "attn.qkv.weight": (3 * d, d),
            "attn.qkv.bias": (3 * d,),
            "attn.proj.weight": (d, d),
            "attn.proj.bias": (d,),
            "mlp.fc1.weight": (4 * d, d),
            "mlp.fc1.bias": (4 * d,),
            "mlp.fc2.weight": (d, 4 * d),
            "mlp.fc2.bias": (d,),
        }

    shapes = {
        "cls_token": (1, 1, 768),
        "pos_embed": (1, 197, 768),
        "patch_embed.proj.weight": (768, 3, 16, 16),
        "patch_embed.proj.bias": (768,),
        **{f"blocks.{n}.{name}": shape for n in range(12) for name, shape in block(768).items()},
        "norm.weight": (768,),
        "norm.bias": (768,),
        "mask_token": (1, 1, 512),
        "decoder_embed.weight": (512, 768),
        "decoder_embed.bias": (512,),
        "decoder_pos_embed": (1, 197, 512),
        **{f"decoder_blocks.{n}.{name}": shape for n in range(8) for name, shape in block(512).items()},
        "decoder_norm.weight": (512,),
        "decoder_norm.bias": (512,),
        "decoder_pred.weight": (768, 512),
        "decoder_pred.bias": (768,),
    }
    with torch.device("meta"):
        model = PlainMAE("vit_base")
    assert {name: tuple(weight.shape) for name, weight in model.state_dict().items()} == shapes


@pytest.mark.parametrize("norm_pix", [False, True])
def test_equal_weights_and_masks_give_equal_outputs(published, imported, norm_pix):
    ours = autoencoder(norm_pix=norm_pix, norm_pix_eps=1e-6)
    initialise(ours, imported[0])
    torch.manual_seed(1)
    images, noise = torch.randn(5, 3, 32, 32), torch.rand(5, 16)
    published.norm_pix = norm_pix
    order = noise.argsort(dim=1)
    with torch.no_grad():
        latent, mask, restore = published.encode(images, noise)
        prediction = published.decode(latent, restore)
        patches = patchify(images, (8, 8))
        result = ours(images, order[None])
        torch.testing.assert_close(ours.encode(patches, order[:, :4]), latent, rtol=1e-4, atol=1e-5)
        # They count the three colours of a pixel together; we count the pixels of a colour together.
        by_colour = prediction.unflatten(2, (64, 3)).transpose(2, 3).flatten(2)
        torch.testing.assert_close(result.prediction, by_colour, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(result.loss, published(images, noise), rtol=1e-5, atol=0)
    assert torch.equal(result.mask, mask.bool())


def test_the_account_names_every_tensor(published, imported):
    folder, lines = imported
    encoder_blocks = "taken   blocks.{0…11}.attn.qkv.weight [576×192]"
    assert encoder_blocks in lines
    assert "taken   decoder_blocks.{0…1}.norm1.bias [64]" in lines
    assert "adapted decoder_pred.weight [192×64]: numbers of a patch counted by channels first" in lines
    count = len(published.state_dict())
    assert lines[-1] == f"{count} tensors: {count - 2} taken, 2 adapted, 0 left"
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "decoder.safetensors",
        "encoder.safetensors",
    ]
    config, _ = load_encoder(folder)
    assert config == EncoderConfig(
        model="vit_tiny", input_size=(32, 32), patch_size=(8, 8), channels=3, mean=0.449, std=0.226
    )


def test_tensors_that_are_alike_share_a_line():
    records = [
        TensorRecord("blocks.0.norm1.bias", (8,), "taken"),
        TensorRecord("blocks.1.norm1.bias", (8,), "taken"),
        TensorRecord("blocks.1.norm1.weight", (8,), "left", "too old"),
        TensorRecord("scale", (), "adapted", "doubled"),
    ]
    assert load_report(records) == (
        "taken   blocks.{0…1}.norm1.bias [8]",
        "left    blocks.1.norm1.weight [8]: too old",
        "adapted scale [scalar]: doubled",
        "4 tensors: 2 taken, 1 adapted, 1 left",
    )


def test_safetensors_and_the_bare_state_are_read_alike(published, imported, tmp_path):
    state = {f"module.{name}": tensor for name, tensor in published.state_dict().items()}
    save_file(state, tmp_path / "mae.safetensors")
    torch.save(state, tmp_path / "mae.pth")
    for name in ("mae.safetensors", "mae.pth"):
        import_weights(
            ImportConfig(checkpoint=str(tmp_path / name), out=str(tmp_path / "out"), decoder_heads=4)
        )
        for file in ("encoder.safetensors", "decoder.safetensors"):
            assert (tmp_path / "out" / file).read_bytes() == (imported[0] / file).read_bytes()


def test_an_encoder_without_its_decoder_is_imported_alone(published, tmp_path):
    state = {
        name: t for name, t in published.state_dict().items() if not name.startswith(("decoder", "mask"))
    }
    torch.save({"model": state}, tmp_path / "pretrain.pth")
    lines = import_weights(ImportConfig(checkpoint=str(tmp_path / "pretrain.pth"), out=str(tmp_path / "out")))
    assert lines[-1].endswith(f"{len(state)} taken, 0 adapted, 0 left")
    assert not (tmp_path / "out" / "decoder.safetensors").exists()
    lines = initialise(autoencoder(), tmp_path / "out")
    assert lines[-1].endswith(f"{len(state)} taken, 0 adapted, 0 left")


@pytest.mark.parametrize("heads", [3, 7])
def test_a_decoder_that_cannot_have_its_heads_is_left(checkpoint, tmp_path, heads):
    config = ImportConfig(checkpoint=str(checkpoint), out=str(tmp_path / "out"), decoder_heads=heads)
    lines = import_weights(config)
    reason = f"a decoder of width 64 cannot have {heads} heads"
    assert f"left    mask_token [1×1×64]: {reason}" in lines
    assert not (tmp_path / "out" / "decoder.safetensors").exists()


@pytest.mark.parametrize(("size", "grid"), [("16x64", (2, 8)), ("64x16", (8, 2))])
def test_an_input_that_is_no_square_is_given(published, tmp_path, size, grid):
    torch.save(published.state_dict(), tmp_path / "mae.pth")
    config = ImportConfig(checkpoint=str(tmp_path / "mae.pth"), out=str(tmp_path / "out"), image_size=size)
    import_weights(config)
    assert load_encoder(tmp_path / "out")[0].input_size == (8 * grid[0], 8 * grid[1])
    with pytest.raises(TrainerError, match="an input of 16x16 has 4 patches of 8x8"):
        import_weights(
            ImportConfig(checkpoint=str(tmp_path / "mae.pth"), out=str(tmp_path / "out"), image_size=16)
        )
