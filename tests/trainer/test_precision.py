"""The same step in float32, in bfloat16 and compiled: how far they may differ."""

import pytest
import torch

from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder
from trainer.pretraining.step_masks import masks_of_step
from trainer.training.device import autocast


@pytest.fixture(scope="module")
def images():
    return torch.randn(16, 1, 32, 32, generator=torch.Generator().manual_seed(0))


def made():
    torch.manual_seed(0)
    encoder = build_encoder(
        "vit_tiny", input_size=(32, 32), patch_size=(8, 8), channels=1, depth=1, embed_dim=32, num_heads=2
    )
    return MaskedAutoencoder(encoder, MaskedAutoencoderConfig(decoder_dim=16, decoder_depth=1))


def gradients(images, precision="float32", *, compiled=False):
    model = made()
    if compiled:  # one block: the C++ compiler takes a second for each kernel
        model.encoder.blocks[0].compile()
    with autocast(torch.device("cpu"), precision)():
        loss = model(images, masks_of_step(model, 0, 0, 0, images)).loss
    loss.backward()
    return loss.item(), {name: w.grad for name, w in model.named_parameters() if w.grad is not None}


@pytest.mark.parametrize(
    ("way", "loss_tolerance", "tolerance"),
    # bfloat16 has 8 bits: 2^-8 in a product, which averages out in the loss; compiling only reorders sums.
    [({"precision": "bf16"}, 2e-3, 3e-2), ({"compiled": True}, 1e-5, 1e-4)],
    ids=["bf16", "compiled"],
)
def test_all_ways_to_compute_agree(images, way, loss_tolerance, tolerance):
    loss, expected = gradients(images)
    other_loss, found = gradients(images, **way)
    assert other_loss == pytest.approx(loss, rel=loss_tolerance)
    assert found.keys() == expected.keys()
    whole, difference = (
        torch.cat([tensor.flatten() for tensor in tensors]).norm()
        for tensors in (expected.values(), [found[name] - expected[name] for name in expected])
    )
    assert difference < tolerance * whole
