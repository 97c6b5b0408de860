import pytest
import torch

from tests.autoencoders import autoencoder, seed, train
from trainer.errors import TrainerError
from trainer.model.encoder import build_encoder, encode_patches
from trainer.model.patches import patchify, unpatchify
from trainer.model.teacher import Teacher

pytestmark = pytest.mark.numerical

SMALL = {"depth": 1, "embed_dim": 16, "num_heads": 1}


def encoder(number=0):
    torch.manual_seed(number)
    return build_encoder("vit_tiny", input_size=(16, 16), patch_size=(8, 8), channels=1, **SMALL)


def test_features_are_the_encoders_normalised_token_by_token():
    vit = encoder()
    teacher = Teacher(vit, momentum=(0.9, 0.9), ramp=1)
    patches, places = torch.randn(3, 2, 64), torch.tensor([[0, 3], [1, 2], [2, 0]])
    features = teacher(patches, places)
    tokens = encode_patches(vit, patches, vit.pos_embed[0, 1:][places])[:, 1:]
    centred = tokens - tokens.mean(dim=2, keepdim=True)
    expected = centred / (centred.square().mean(dim=2, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(features, expected)
    assert not features.requires_grad


def test_the_teacher_follows_by_its_momentum():
    teacher, new = Teacher(encoder(0), momentum=(0.75, 0.75), ramp=1), encoder(1)
    before = [weight.clone() for weight in teacher.vit.parameters()]
    teacher.update(new)
    for old, now, goal in zip(before, teacher.vit.parameters(), new.parameters(), strict=True):
        torch.testing.assert_close(now, 0.75 * old + 0.25 * goal)
        assert not now.requires_grad


def test_the_momentum_rises_linearly_and_stays():
    teacher, seen = Teacher(encoder(), momentum=(0.5, 0.9), ramp=4), []
    for _ in range(6):
        seen.append(teacher.momentum)
        teacher.update(teacher.vit)
    assert seen == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9, 0.9])


@pytest.mark.parametrize("momentum", [(-0.1, 0.9), (0.9, 1.1), (float("nan"), 0.9)])
def test_a_momentum_that_cannot_be_is_refused(momentum):
    with pytest.raises(TrainerError, match=r"momentum .* must lie between 0 and 1"):
        Teacher(encoder(), momentum=momentum, ramp=1)


def test_the_teacher_sees_the_hidden_patches_only():
    model, images = autoencoder(target="teacher"), torch.randn(2, 3, 32, 32)
    seen = []
    model.teacher.register_forward_hook(lambda _model, _given, features: seen.append(features))
    first = model(images, seed(5))
    patches = patchify(images, (8, 8))
    patches[~first.mask] += 7
    second = model(unpatchify(patches, (8, 8), (4, 4)), seed(5))
    assert torch.equal(*seen)
    assert not torch.equal(first.prediction, second.prediction)


def test_features_of_the_teacher_are_learned_and_do_not_collapse():
    torch.manual_seed(3)
    images = torch.nn.functional.interpolate(torch.randn(32, 1, 6, 6), (32, 32), mode="bicubic")
    model = autoencoder(
        channels=1, target="teacher", decoder_dim=32, teacher_momentum=0.9, teacher_momentum_end=0.99
    )
    train(model, images, 150, lr=2e-3)
    patches, places = patchify(images, (8, 8)), torch.arange(16).expand(32, -1)
    features = model.teacher(patches, places)
    spread = features.var(dim=0).mean()  # among pictures, at one place: 0 for a teacher that says nothing
    assert spread > 0.05
    with torch.no_grad():
        result = model.eval()(images, seed(9))
    targets = features[result.mask]
    assert result.error < (targets - targets.mean(dim=0)).square().mean()  # beats predicting the mean
