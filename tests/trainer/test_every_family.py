"""A short run on the pictures of every family learns more about them than their mean."""

import pytest
import torch

from patterngen import MissingDependencyError, known_families
from tests.patterngen.families.strategies import ready
from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder

STEPS, COUNT, SIZE, TINY = 80, 12, 32, {"depth": 1, "embed_dim": 64, "num_heads": 4}


def pictures(name):
    """A few pictures of mean 0 and variance 1: [12, 3, 32, 32]."""
    try:
        pixels = ready(name).draw(range(COUNT), SIZE).pixels
    except MissingDependencyError as error:
        pytest.skip(str(error))
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float()
    return (images - images.mean()) / images.std()


@pytest.mark.parametrize("name", known_families())
def test_eighty_steps_beat_predicting_the_mean(name):
    images = pictures(name)
    torch.manual_seed(0)
    vit = build_encoder("vit_tiny", input_size=(SIZE, SIZE), patch_size=(8, 8), channels=3, **TINY)
    model = MaskedAutoencoder(vit, MaskedAutoencoderConfig(decoder_dim=32, decoder_depth=1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, fused=True)
    source = torch.Generator().manual_seed(0)
    for _ in range(STEPS):
        optimizer.zero_grad()
        model(images, source).loss.backward()
        optimizer.step()
    with torch.no_grad():  # under new masks
        result = model.eval()(images.repeat(8, 1, 1, 1), source)
    # The mean is 0, and predicting it for the hidden patches would cost their square.
    assert result.loss < images.square().mean()
