import math
from typing import get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.errors import TrainerError
from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder
from trainer.model.masking import MaskKind
from trainer.model.patches import patchify, unpatchify
from trainer.model.pixel_target import NORM_PIX_EPS

pytestmark = pytest.mark.numerical

SMALL = {"depth": 2, "embed_dim": 32, "num_heads": 2}
VARIANTS = {
    "plain": {},
    "cross": {"decoder": "cross", "predict_share": 0.25},
    "contrast": {"contrast": 0.5},
    "teacher": {"target": "teacher"},
    "codes": {"target": "random-projection", "codes": 32},
    "classes": {"target": "classes", "num_classes": 4},
    "all": {"decoder": "cross", "predict_share": 0.5, "contrast": 0.1, "target": "teacher"},
}


def autoencoder(size=(32, 32), patch=(8, 8), channels=3, **options):
    torch.manual_seed(0)
    vit = build_encoder("vit_tiny", input_size=size, patch_size=patch, channels=channels, **SMALL)
    settings = {"decoder_dim": 16, "decoder_depth": 1} | options
    data = {"steps": settings.pop("steps", 100), "num_classes": settings.pop("num_classes", 1)}
    return MaskedAutoencoder(vit, MaskedAutoencoderConfig(**settings), **data)


def seed(number=0):
    return torch.Generator().manual_seed(number)


def train(model, images, steps, lr=5e-3):
    """Learn from the same pictures, under other masks each step; returns the losses."""
    optimizer = torch.optim.Adam([w for w in model.parameters() if w.requires_grad], lr=lr)
    masks, losses = seed(), []
    for _ in range(steps):
        loss = model(images, masks).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.after_step()
        losses.append(loss.item())
    return losses


# --- masks -------------------------------------------------------------------------------------


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


# --- loss --------------------------------------------------------------------------------------


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


# --- learning ----------------------------------------------------------------------------------


def smooth_picture():
    """A picture of variance 1 that neighbours tell something about: [1, 1, 32, 32]."""
    torch.manual_seed(3)
    coarse = torch.randn(1, 1, 6, 6)
    image = torch.nn.functional.interpolate(coarse, (32, 32), mode="bicubic")
    return (image - image.mean()) / image.std()


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


@pytest.mark.parametrize("hidden", [0, 0.75])
def test_classes_are_told_of_pictures_never_seen(hidden):
    """Stripes along rows or along columns, at any place; by a quarter of the patches, or by all of them."""
    model = autoencoder(channels=1, target="classes", num_classes=2, mask_ratio=hidden)
    random = seed(5)

    def pictures(count):
        classes = torch.randint(2, (count,), generator=random)
        place = torch.arange(32) / 8 + torch.rand(count, 1, generator=random)
        stripes = torch.sin(2 * math.pi * place)[:, None, :, None].expand(-1, 1, -1, 32)
        return torch.where(classes[:, None, None, None] == 1, stripes, stripes.transpose(2, 3)), classes

    optimizer = torch.optim.Adam([w for w in model.parameters() if w.requires_grad], lr=2e-3)
    for _ in range(40):
        optimizer.zero_grad()
        images, classes = pictures(32)
        model(images, random, classes).loss.backward()
        optimizer.step()
    images, classes = pictures(200)
    with torch.no_grad():
        told = model.eval()(images, random, classes)
    assert (told.prediction.argmax(dim=1) == classes).float().mean() > 0.95
    assert told.mask.float().mean() == hidden


def test_only_where_classes_are_learned_may_all_be_visible():
    with pytest.raises(TrainerError, match="mask_ratio = 0 must lie between 0 and 1"):
        autoencoder(mask_ratio=0)


# --- CrossMAE ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "count"), [(0.25, 3), (0.5, 6), (1.0, 12), (0.01, 1)])
def test_a_share_of_the_hidden_patches_is_predicted(share, count):
    model = autoencoder(decoder="cross", predict_share=share)
    result = model(torch.randn(4, 3, 32, 32))
    predicted = result.prediction.any(dim=2)
    assert (predicted.sum(dim=1) == count).all()
    assert not (predicted & ~result.mask).any()
    all_of_them = model.eval()(torch.randn(4, 3, 32, 32))
    assert torch.equal(all_of_them.prediction.any(dim=2), all_of_them.mask)


def test_hidden_patches_do_not_see_each_other():
    model, images = autoencoder(decoder="cross", predict_share=0.25), torch.randn(4, 3, 32, 32)
    masks = model.draw_masks(4, seed())
    some, whole = model(images, masks), model.eval()(images, masks)
    asked = some.prediction.any(dim=2)
    torch.testing.assert_close(some.prediction[asked], whole.prediction[asked])


@pytest.mark.parametrize("options", [{"predict_share": 0.5}, {"decoder": "cross", "predict_share": 0.0}])
def test_a_share_that_cannot_be_is_refused(options):
    with pytest.raises(TrainerError, match="predict_share = 0"):
        autoencoder(**options)


@pytest.mark.parametrize(("dim", "heads"), [(10, 1), (16, 3)])
def test_a_decoder_that_cannot_be_is_refused(dim, heads):
    with pytest.raises(TrainerError, match=f"decoder_dim = {dim} must be a multiple of 4 and of {heads}"):
        autoencoder(decoder_dim=dim, decoder_heads=heads)


# --- contrast and teacher in the model ---------------------------------------------------------


def test_the_contrastive_term_is_added_by_its_weight():
    model = autoencoder(contrast=0.25)
    result = model(torch.randn(4, 3, 32, 32))
    assert result.loss.item() == pytest.approx((result.error + 0.25 * result.contrast).item())
    assert result.contrast > 0
    assert autoencoder()(torch.randn(2, 3, 32, 32)).contrast == 0


def test_contrast_hides_other_patches_in_each_of_two_views_and_learns_from_both():
    model, images = autoencoder(contrast=0.25), torch.randn(4, 3, 32, 32)
    masks = model.draw_masks(4, seed())
    assert masks.shape == (2, 4, 16)
    assert not torch.equal(masks[0].sort(dim=1).values[:, :4], masks[0][:, :4])
    assert not torch.equal(masks[0], masks[1])
    alone = [autoencoder()(images, masks[view][None]).error for view in (0, 1)]
    torch.testing.assert_close(model(images, masks).error, sum(alone) / 2)


def test_contrast_makes_views_alike_and_pictures_unlike():
    model, images = autoencoder(channels=1, contrast=1.0), torch.randn(16, 1, 4, 4).repeat(1, 1, 8, 8)
    before = model(images, seed(9)).contrast.item()
    train(model, images, 60, lr=1e-3)
    after = model(images, seed(9)).contrast.item()
    assert after < 0.5 * before


def test_the_teacher_sees_the_hidden_patches_only():
    model, images = autoencoder(target="teacher"), torch.randn(2, 3, 32, 32)
    heard = []
    model.teacher.register_forward_hook(lambda _model, _given, features: heard.append(features))
    first = model(images, seed(5))
    patches = patchify(images, (8, 8))
    patches[~first.mask] += 7
    second = model(unpatchify(patches, (8, 8), (4, 4)), seed(5))
    assert torch.equal(*heard)
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
