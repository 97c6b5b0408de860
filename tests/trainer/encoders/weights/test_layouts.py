import pytest
import timm
import torch

from tests.trainer.foreign import timm_file
from trainer.encoders.config import new_encoder
from trainer.encoders.exported import load_encoder
from trainer.encoders.weights.importing import ImportConfig, import_weights, read_weights
from trainer.errors import TrainerError


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "left    head.weight [1000×192]: for classes"),
        ({"no_embed_class": True}, "adapted pos_embed [1×16×192]: a row of zeros put before"),
        ({"init_values": 0.1}, "adapted blocks.{0…11}.ls2.gamma [192]: multiplied into mlp.fc2"),
        ({"num_classes": 0}, "taken   norm.weight [192]"),
    ],
)
def test_a_timm_vit_gives_what_timm_gives(tmp_path, options, said):
    path = tmp_path / "vit.safetensors"
    model = timm_file(path, **options)
    lines = import_weights(ImportConfig(checkpoint=str(path), out=str(tmp_path / "out")))
    assert any(line.startswith(said) for line in lines)
    config, state = load_encoder(tmp_path / "out")
    ours = new_encoder(config).eval()
    ours.load_state_dict(state)
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        expected = model.forward_features(images)
        torch.testing.assert_close(ours.forward_features(images), expected, rtol=1e-4, atol=1e-4)


def test_a_norm_after_pooling_becomes_the_norm_before_it(tmp_path):
    timm_file(tmp_path / "vit.safetensors", global_pool="avg", fc_norm=True)
    lines = import_weights(
        ImportConfig(checkpoint=str(tmp_path / "vit.safetensors"), out=str(tmp_path / "out"))
    )
    assert "adapted fc_norm.weight [192]: normalises tokens here, their mean there" in lines


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"qk_norm": True}, "not a plain ViT, which has no blocks"),
        ({"reg_tokens": 2}, "positions of|no reg_token|no square"),
        ({"qkv_bias": False}, "blocks.0.attn.qkv.bias is missing"),
        ({"class_token": False, "global_pool": "avg"}, "cls_token is missing"),
        ({"embed_dim": 48}, "a ViT of width 48; known are vit_tiny .192"),
        ({"depth": 3}, "blocks.3.* is missing"),
        ({"depth": 13}, "has no blocks.12"),
    ],
)
def test_what_is_no_plain_vit_is_refused(tmp_path, options, said):
    timm_file(tmp_path / "vit.safetensors", **options)
    with pytest.raises(TrainerError, match=said):
        import_weights(ImportConfig(checkpoint=str(tmp_path / "vit.safetensors"), out=str(tmp_path / "out")))
    assert not (tmp_path / "out").exists()


def test_a_name_is_fetched_by_timm(tmp_path, monkeypatch):
    model, build, asked = timm_file(tmp_path / "vit.safetensors"), timm.create_model, []

    def fetch_or_build(name, *, pretrained=False, **options):
        if not pretrained:
            return build(name, **options)
        asked.append(name)
        return model

    monkeypatch.setattr(timm, "create_model", fetch_or_build)
    weights = read_weights("vit_tiny_patch16_224.augreg_in21k")
    assert asked == ["vit_tiny_patch16_224.augreg_in21k"]
    assert torch.equal(weights.encoder["norm.weight"], model.norm.weight)


def test_weights_that_cannot_be_fetched_are_named(monkeypatch):
    def unreachable(*_args, **_options):
        raise OSError("no route to host\nmore")

    monkeypatch.setattr(timm, "create_model", unreachable)
    with pytest.raises(TrainerError, match=r"vit_tiny_patch16_224: .*\(no route to host\); give the path"):
        read_weights("vit_tiny_patch16_224")
