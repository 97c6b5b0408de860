import pytest
import torch

from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder
from trainer.pretraining.step_masks import masks_of_step


@pytest.fixture(scope="module", params=["random", "block", "time"])
def model(request):
    encoder = build_encoder(
        "vit_tiny", input_size=(32, 32), patch_size=(8, 8), channels=1, depth=1, embed_dim=16, num_heads=1
    )
    config = MaskedAutoencoderConfig(masking=request.param, decoder_dim=16, decoder_depth=1, contrast=0.1)
    return MaskedAutoencoder(encoder, config)


@pytest.mark.parametrize("parts", [(100,), (50, 50), (1, 31, 32, 36), (33, 67)])
def test_masks_do_not_depend_on_how_a_step_is_divided(model, parts):
    whole = masks_of_step(model, 7, 3, 0, 100)
    assert whole.shape == (2, 100, 16)
    starts = [sum(parts[:i]) for i in range(len(parts))]
    pieces = [masks_of_step(model, 7, 3, start, count) for start, count in zip(starts, parts, strict=True)]
    assert torch.equal(torch.cat(pieces, dim=1), whole)


def test_seed_step_and_picture_all_matter(model):
    first = masks_of_step(model, 0, 0, 0, 64)
    assert not torch.equal(first, masks_of_step(model, 1, 0, 0, 64))
    assert not torch.equal(first, masks_of_step(model, 0, 1, 0, 64))
    assert not torch.equal(first[:, :32], first[:, 32:])
    assert torch.equal(first, masks_of_step(model, 0, 0, 0, 64))
