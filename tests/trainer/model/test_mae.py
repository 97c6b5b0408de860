from typing import get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.autoencoders import SMALL, VARIANTS, autoencoder, seed, smooth_picture, train
from trainer.errors import TrainerError
from trainer.model.config import NORM_PIX_EPS, MaskedAutoencoderConfig, MaskKind
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder
from trainer.model.patches import patchify, unpatchify

pytestmark = pytest.mark.numerical


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 99), st.sampled_from(get_args(MaskKind)))
@settings(max_examples=40)
def test_the_mask_holds_exactly_the_asked_share(rows, columns, percent, masking):
    length, asked = rows * columns, rows * columns * percent / 100
    tiny = {"depth": 1, "embed_dim": 8, "num_heads": 1}
    vit = build_encoder("vit_tiny", input_size=(rows, columns), patch_size=(1, 1), channels=1, **tiny)
    options = {"mask_ratio": percent / 100, "masking": masking, "decoder_dim": 8, "decoder_depth": 1}
    try:
        model = MaskedAutoencoder(vit, MaskedAutoencoderConfig(**options))
    except TrainerError:
        assert round(asked) in (0, length)
        return
    hidden = model(torch.rand(3, 1, rows, columns)).mask.sum(dim=1)
    assert (hidden == hidden[0]).all()
    assert abs(hidden[0].item() - asked) <= 0.5  # the share itself, wherever the patches can be so divided


@pytest.mark.parametrize("ratio", [0.001, 0.999])
def test_a_mask_of_nothing_or_everything_is_refused(ratio):
    with pytest.raises(TrainerError, match=f"mask ratio {ratio} leaves .* of 16 patches visible"):
        autoencoder(mask_ratio=ratio)


@pytest.mark.parametrize("variant", VARIANTS)
def test_masks_may_be_given_instead_of_their_source(variant):
    model, images = autoencoder(**VARIANTS[variant]), torch.randn(4, 3, 32, 32)
    drawn, given_ = model(images, seed(3)), model(images, model.draw_masks(4, seed(3)))
    assert torch.equal(drawn.mask, given_.mask)
    assert torch.equal(drawn.loss, given_.loss)


@pytest.mark.parametrize("variant", ["plain", "cross", "teacher", "codes"])
def test_a_batch_costs_the_mean_of_its_halves(variant):
    model, images = autoencoder(**VARIANTS[variant]), torch.randn(6, 3, 32, 32)
    masks = model.draw_masks(6, seed())
    halves = [model(images[part], masks[:, part]).loss for part in (slice(3), slice(3, 6))]
    torch.testing.assert_close(model(images, masks).loss, sum(halves) / 2)


def hidden_error(model, images, result, options):
    """The loss by its definition: pictures of predictions and targets, compared pixel by pixel."""
    patches = patchify(images, model.patch_size)
    if options.get("norm_pix"):
        mean = patches.mean(dim=2, keepdim=True)
        variance = (patches - mean).square().sum(dim=2, keepdim=True) / (patches.shape[2] - 1)
        normal = (patches - mean) / (variance + options.get("norm_pix_eps", NORM_PIX_EPS)).sqrt()
        patches = normal + mean * options.get("keep_mean", False)
    total, count = 0.0, 0
    for b, patch in result.mask.nonzero().tolist():
        total += (result.prediction[b, patch] - patches[b, patch]).square().sum().item()
        count += patches.shape[2]
    return total / count


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"norm_pix": True},
        {"norm_pix": True, "keep_mean": True},
        {"norm_pix": True, "norm_pix_eps": 0.5},
        {"masking": "block"},
        {"decoder": "cross"},
    ],
)
def test_the_loss_is_the_error_on_hidden_patches(options):
    model, images = autoencoder(**options), torch.randn(4, 3, 32, 32)
    result = model(images, seed(1))
    assert result.loss.item() == pytest.approx(hidden_error(model, images, result, options), rel=1e-5)


@pytest.mark.parametrize("options", [{}, {"decoder": "cross"}, {"target": "teacher"}])
def test_what_is_predicted_for_visible_patches_costs_nothing(options):
    model = autoencoder(**options)
    result = model(torch.randn(4, 3, 32, 32))
    (slope,) = torch.autograd.grad(result.loss, result.prediction)
    assert not slope[~result.mask].any()
    assert slope[result.mask].any(dim=1).all()


@pytest.mark.parametrize("decoder", ["self", "cross"])
def test_hidden_pixels_cannot_be_seen(decoder):
    model, images = autoencoder(decoder=decoder).eval(), torch.randn(2, 3, 32, 32)
    first = model(images, seed(5))
    patches = patchify(images, (8, 8))
    patches[first.mask] += 7
    second = model(unpatchify(patches, (8, 8), (4, 4)), seed(5))
    assert torch.equal(first.mask, second.mask)
    assert torch.equal(first.prediction, second.prediction)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_weight_but_the_fixed_ones_learns(variant):
    model = autoencoder(**VARIANTS[variant])
    model(torch.randn(4, 3, 32, 32)).loss.backward()
    still = {name for name, weight in model.named_parameters() if weight.grad is None}
    fixed = {"encoder.pos_embed"} | ({"decoder.pos_embed"} if model.decoder else set())
    assert {name for name in still if not name.startswith("teacher.vit.")} == fixed
    assert all(not weight.requires_grad for name, weight in model.named_parameters() if name in still)


def test_learned_positions_learn():
    torch.manual_seed(0)
    options = {"positions": "learned"}
    vit = build_encoder("vit_tiny", input_size=(32, 32), patch_size=(8, 8), channels=3, **SMALL, **options)
    model = MaskedAutoencoder(vit, MaskedAutoencoderConfig(decoder_dim=16, decoder_depth=1, **options))
    model(torch.randn(2, 3, 32, 32)).loss.backward()
    assert all(weight.grad is not None for weight in model.parameters())


@pytest.mark.parametrize("decoder", ["self", "cross"])
def test_a_model_that_sees_all_of_a_picture_it_was_overfitted_on_reproduces_it(decoder):
    model, image = autoencoder(channels=1, decoder_dim=32, decoder=decoder), smooth_picture()
    train(model, image.expand(16, -1, -1, -1), 250, lr=2e-3)
    patches = patchify(image, (8, 8))
    with torch.no_grad():
        order = torch.arange(16)[None]
        tokens = model.eval().encode(patches, order)  # of all patches
        redrawn = torch.zeros_like(patches)
        # The plain decoder learns nothing about places whose token it is given: those are asked for next.
        for start in range(0, 16, model.num_keep):
            turned = order.roll(-start, dims=1)
            given_ = torch.cat([tokens[:, :1], tokens[:, 1 + turned[0, : model.num_keep]]], dim=1)
            asked = turned[0, model.num_keep :]
            redrawn[:, asked] = model.decoder(given_, turned, len(asked))[:, asked]
    assert (redrawn - patches).square().mean() < 0.1  # of a variance of 1


@pytest.mark.parametrize("variant", ["plain", "cross", "contrast"])
def test_every_kind_learns_pixels(variant):
    model = autoencoder(channels=1, decoder_dim=32, **VARIANTS[variant])
    images = smooth_picture() * torch.linspace(0.5, 1.5, 16)[:, None, None, None]
    train(model, images, 250, lr=2e-3)
    with torch.no_grad():
        result = model.eval()(images, seed(9))
    assert result.error < 0.5 * images.var()  # better than predicting the mean


def test_a_finished_half_goes_on_as_the_whole():
    """All state of all kinds is in the state dict: the teacher, its momentum, the contrastive head."""
    images = torch.randn(4, 3, 32, 32)
    masks = [autoencoder(contrast=0.1).draw_masks(4, seed(step)) for step in range(6)]

    def steps(model, part):
        optimizer = torch.optim.SGD([w for w in model.parameters() if w.requires_grad], lr=0.1)
        for mask in part:
            optimizer.zero_grad()
            model(images, mask).loss.backward()
            optimizer.step()
            model.after_step()
        return model.state_dict()

    options = VARIANTS["all"] | {"teacher_momentum": 0.5, "teacher_momentum_end": 0.9, "steps": 6}
    whole = steps(autoencoder(**options), masks)
    begun = steps(autoencoder(**options), masks[:3])
    resumed = autoencoder(**options)
    resumed.load_state_dict(begun)
    resumed = steps(resumed, masks[3:])
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)
