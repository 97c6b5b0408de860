import math

import pytest
import torch
from torch.nn import functional

from tests.autoencoders import VARIANTS, autoencoder, seed, smooth_picture, train
from trainer.model.patches import patchify
from trainer.model.random_codes import RandomCodes

pytestmark = pytest.mark.numerical


@pytest.fixture
def codes():
    torch.manual_seed(0)
    return RandomCodes(numbers=64, codes=32)


def test_a_patch_is_named_by_the_code_nearest_to_its_projection(codes):
    patches = torch.randn(3, 5, 64)
    projected = functional.normalize(patches @ codes.projection, dim=2)
    distances = (projected[:, :, None] - codes.codebook).square().sum(dim=3)
    assert torch.equal(codes(patches), distances.argmin(dim=2))


def test_a_name_tells_shape_and_not_contrast(codes):
    patches = torch.randn(2, 7, 64)
    assert torch.equal(codes(patches), codes(8 * patches))
    assert not torch.equal(codes(patches), codes(-patches))


def test_random_patches_take_all_names(codes):
    share = codes(torch.randn(1, 20_000, 64)).flatten().bincount(minlength=32) / 20_000
    assert share.min() > 0
    entropy = -(share * share.log()).sum()
    assert entropy > 0.9 * math.log(32)


def test_scores_that_tell_nothing_cost_the_logarithm_of_the_number_of_codes(codes):
    names = codes(torch.randn(2, 9, 64))
    assert codes.loss(torch.zeros(2, 9, 32), names).item() == pytest.approx(math.log(32))
    sure = 50 * functional.one_hot(names, 32).float()
    assert codes.loss(sure, names).item() == pytest.approx(0, abs=1e-6)


def test_nothing_of_it_learns_and_all_of_it_is_kept(codes):
    assert not list(codes.parameters())
    other = RandomCodes(numbers=64, codes=32)
    other.load_state_dict(codes.state_dict())
    patches = torch.randn(1, 50, 64)
    assert torch.equal(other(patches), codes(patches))


def test_names_do_not_depend_on_the_precision_of_the_run(codes):
    patches = torch.randn(1, 500, 64)
    alone = codes(patches)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(codes(patches), alone)


def test_codes_of_hidden_patches_are_learned():
    """What lies between visible parts of a smooth picture has a name that can be told."""
    model = autoencoder(channels=1, decoder_dim=32, norm_pix=True, **VARIANTS["codes"])
    images = smooth_picture() * torch.linspace(0.5, 1.5, 16)[:, None, None, None]
    train(model, images, 60, lr=2e-3)
    with torch.no_grad():
        result = model.eval()(images, seed(9))
    assert result.error < 0.5 * math.log(32)
    names = model.codes(model.pixel_target(patchify(images, (8, 8))))
    assert (result.prediction.argmax(dim=2) == names)[result.mask].float().mean() > 0.5
