import math

import pytest
import torch

from tests.autoencoders import autoencoder, seed, train
from trainer.errors import TrainerError
from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.lejepa import DIRECTIONS, LeJepa, sigreg

pytestmark = pytest.mark.numerical


def directions(dim, number=0):
    drawn = torch.randn(dim, DIRECTIONS, generator=seed(number))
    return drawn / drawn.norm(dim=0)


@pytest.mark.parametrize("count", [32, 512])
def test_gaussian_vectors_are_as_far_as_chance_has_them(count):
    """E N |φ̂ − φ|² = 1 − φ², and ∫ (1 − e^(−t²)) e^(−t²/2) dt = √(2π)(1 − 1/√3)."""
    found = [
        sigreg(torch.randn(count, 64, generator=seed(number)), directions(64, number)) for number in range(30)
    ]
    expected = math.sqrt(2 * math.pi) * (1 - 1 / math.sqrt(3))
    assert torch.stack(found).mean().item() == pytest.approx(expected, rel=0.05)


def test_vectors_that_are_all_nought_are_as_far_as_they_are_many():
    """φ̂ = 1, and ∫ (1 − e^(−t²/2))² e^(−t²/2) dt = √(2π)(1 − √2 + 1/√3)."""
    share = math.sqrt(2 * math.pi) * (1 - math.sqrt(2) + 1 / math.sqrt(3))
    assert sigreg(torch.zeros(48, 8), directions(8)).item() == pytest.approx(48 * share, rel=1e-3)


def test_vectors_too_wide_too_narrow_or_of_two_kinds_are_farther():
    vectors = torch.randn(512, 16, generator=seed())
    plain = sigreg(vectors, directions(16))
    clusters = vectors[:, :1].sign().expand(-1, 16)
    for other in (3 * vectors, vectors / 3, clusters, vectors + 1):
        assert sigreg(other, directions(16)) > 2 * plain


def test_what_is_encoded_alike_spreads_out():
    """From a head that says one thing of all pictures: partners are alike, and no picture is told apart."""
    model = autoencoder(channels=1, contrast=1.0, contrast_loss="lejepa")
    images = torch.randn(32, 1, 4, 4, generator=seed()).repeat(1, 1, 8, 8)
    torch.nn.init.zeros_(model.contrast.head[2].weight)
    before = model(images, seed(9)).contrast.item()
    train(model, images, 150, lr=2e-3)
    vectors = model.contrast.head(model.encode(*_all_patches(model, images))[:, 1:].mean(dim=1))
    assert model(images, seed(9)).contrast.item() < 0.5 * before
    assert vectors.std(dim=0).mean() > 0.3


def _all_patches(model, images):
    patches = torch.nn.functional.unfold(images, model.patch_size, stride=model.patch_size).transpose(1, 2)
    return patches, torch.arange(patches.shape[1]).expand(len(images), -1)


def test_each_step_looks_along_other_directions_and_a_copy_along_the_same():
    one, tokens = LeJepa(8), torch.randn(6, 5, 8)
    other = LeJepa(8)
    first = one(tokens)
    one.after_step()
    assert one(tokens) != first
    other.load_state_dict(one.state_dict())
    assert torch.equal(other(tokens), one(tokens))


def test_a_loss_without_a_weight_is_refused():
    with pytest.raises(TrainerError, match=r"^--contrast-loss lejepa is a contrastive term: give --contrast"):
        MaskedAutoencoderConfig(contrast_loss="lejepa")
