import pytest
import torch

from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder
from trainer.pretraining.step_masks import masks_of_step


@pytest.fixture(scope="module", params=["random", "block", "time", "dispersion"])
def model(request):
    encoder = build_encoder(
        "vit_tiny", input_size=(32, 32), patch_size=(8, 8), channels=1, depth=1, embed_dim=16, num_heads=1
    )
    config = MaskedAutoencoderConfig(masking=request.param, decoder_dim=16, decoder_depth=1, contrast=0.1)
    return MaskedAutoencoder(encoder, config)


PICTURES = torch.randint(256, (100, 1, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("parts", [(100,), (50, 50), (1, 31, 32, 36), (33, 67)])
def test_masks_do_not_depend_on_how_a_step_is_divided(model, parts):
    whole = masks_of_step(model, 7, 3, 0, PICTURES)
    assert whole.shape == (2, 100, 16)
    starts = [sum(parts[:i]) for i in range(len(parts))]
    pieces = [
        masks_of_step(model, 7, 3, start, pictures)
        for start, pictures in zip(starts, PICTURES.split(parts), strict=True)
    ]
    assert torch.equal(torch.cat(pieces, dim=1), whole)


def test_seed_step_and_picture_all_matter(model):
    first = masks_of_step(model, 0, 0, 0, PICTURES[:64])
    assert not torch.equal(first, masks_of_step(model, 1, 0, 0, PICTURES[:64]))
    assert not torch.equal(first, masks_of_step(model, 0, 1, 0, PICTURES[:64]))
    assert not torch.equal(first[:, :32], first[:, 32:])
    assert torch.equal(first, masks_of_step(model, 0, 0, 0, PICTURES[:64]))


def test_by_dispersion_what_happens_in_a_picture_decides_its_mask(model):
    busy = PICTURES[:32].clone()
    busy[:, :, :, 8:] = 128  # but for a column of patches, flat
    masks = masks_of_step(model, 0, 0, 0, busy)
    often = torch.zeros(32, 16).scatter_(1, masks[0, :, model.num_keep :], value=1.0).mean(0)
    column = often.reshape(4, 4)[:, 0].mean()
    assert (column > 0.95) == (model.masking == "dispersion")
