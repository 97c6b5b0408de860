import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.errors import TrainerError
from trainer.mae import (
    NORM_PIX_EPS,
    MaskedAutoencoder,
    build_encoder,
    encode_patches,
    patchify,
    random_order,
    sincos_positions,
    take,
    unpatchify,
)

SMALL = {"depth": 2, "embed_dim": 32, "num_heads": 2}


def encoder(size=(32, 32), patch=(8, 8), channels=3):
    torch.manual_seed(0)
    return build_encoder("vit_tiny", input_size=size, patch_size=patch, channels=channels, **SMALL)


def autoencoder(size=(32, 32), patch=(8, 8), channels=3, **options):
    return MaskedAutoencoder(encoder(size, patch, channels), decoder_dim=16, decoder_depth=1, **options)


# --- patches -----------------------------------------------------------------------------------


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5), st.integers(1, 5), st.sampled_from([1, 3]))
def test_unpatchify_undoes_patchify(rows, columns, height, width, channels):
    images = torch.rand(2, channels, rows * height, columns * width)
    patches = patchify(images, (height, width))
    assert patches.shape == (2, rows * columns, channels * height * width)
    assert torch.equal(unpatchify(patches, (height, width), (rows, columns)), images)


def test_patches_are_counted_row_by_row():
    image = torch.arange(24.0).reshape(1, 1, 4, 6)
    patches = patchify(image, (2, 3))
    assert patches[0, 0].tolist() == [0, 1, 2, 6, 7, 8]
    assert patches[0, 1].tolist() == [3, 4, 5, 9, 10, 11]
    assert patches[0, 2].tolist() == [12, 13, 14, 18, 19, 20]


@pytest.mark.parametrize(("size", "patch", "channels"), [((32, 32), (8, 8), 3), ((16, 48), (8, 16), 1)])
def test_all_patches_in_order_give_what_timm_gives(size, patch, channels):
    vit = encoder(size, patch, channels).eval()
    images = torch.randn(3, channels, *size)
    with torch.no_grad():
        ours = encode_patches(vit, patchify(images, patch), vit.pos_embed[:, 1:])
        torch.testing.assert_close(ours, vit.forward_features(images), atol=1e-5, rtol=0)


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_patches_that_are_not_seen_change_nothing(fused, precision):
    vit = encoder().eval()
    for block in vit.blocks:
        block.attn.fused_attn = fused
    patches = patchify(torch.randn(2, 3, 32, 32), (8, 8))
    seen = torch.arange(16) < torch.tensor([[5], [16]])
    other = torch.where(seen[:, :, None], patches, 100.0)
    positions = vit.pos_embed[:, 1:]
    with torch.no_grad(), torch.autocast("cpu", precision, enabled=precision != torch.float32):
        both = [encode_patches(vit, some, positions, seen)[0, :6] for some in (patches, other)]
        alone = encode_patches(vit, patches[:1, :5], positions[:, :5])[0]
    assert torch.equal(*both)
    torch.testing.assert_close(both[0], alone, atol=1e-5 if precision == torch.float32 else 0.05, rtol=0)


# --- masks -------------------------------------------------------------------------------------


@given(st.integers(1, 5), st.integers(1, 300), st.integers(0, 2**31))
def test_unshuffle_undoes_shuffle(batch, length, seed):
    order, restore = random_order(batch, length, torch.Generator().manual_seed(seed))
    tokens = torch.rand(batch, length, 2)
    assert torch.equal(take(take(tokens, order), restore), tokens)
    assert torch.equal(order.sort(dim=1).values, torch.arange(length).expand(batch, -1))


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 99))
@settings(max_examples=40)
def test_the_mask_holds_exactly_the_asked_share(rows, columns, percent):
    length, asked = rows * columns, rows * columns * percent / 100
    vit = build_encoder(
        "vit_tiny",
        input_size=(rows, columns),
        patch_size=(1, 1),
        channels=1,
        depth=1,
        embed_dim=8,
        num_heads=1,
    )
    try:
        model = MaskedAutoencoder(vit, mask_ratio=percent / 100, decoder_dim=8, decoder_depth=0)
    except TrainerError:
        assert round(asked) in (0, length)
        return
    hidden = model(torch.rand(3, 1, rows, columns)).mask.sum(dim=1)
    assert (hidden == hidden[0]).all()
    assert abs(hidden[0].item() - asked) <= 0.5  # the share itself, wherever the patches can be so divided


def test_every_patch_is_hidden_equally_often():
    model, share = autoencoder(channels=1), 0.75
    masks = [model(torch.zeros(64, 1, 32, 32), torch.Generator().manual_seed(i)).mask for i in range(8)]
    often = torch.cat(masks).float().mean(dim=0)
    deviation = (share * (1 - share) / 512) ** 0.5
    assert (often - share).abs().max() < 5 * deviation


@pytest.mark.parametrize("ratio", [0.001, 0.999])
def test_a_mask_of_nothing_or_everything_is_refused(ratio):
    with pytest.raises(TrainerError, match=f"mask ratio {ratio} leaves .* of 16 patches visible"):
        autoencoder(mask_ratio=ratio)


# --- loss --------------------------------------------------------------------------------------


def hidden_error(model, images, result):
    """The loss by its definition: pictures of predictions and targets, compared pixel by pixel."""
    patches = patchify(images, model.patch_size)
    if model.norm_pix:
        mean = patches.mean(dim=2, keepdim=True)
        variance = (patches - mean).square().sum(dim=2, keepdim=True) / (patches.shape[2] - 1)
        patches = (patches - mean) / (variance + NORM_PIX_EPS).sqrt() + mean * model.keep_mean
    total, count = 0.0, 0
    for b, patch in result.mask.nonzero().tolist():
        total += (result.prediction[b, patch] - patches[b, patch]).square().sum().item()
        count += patches.shape[2]
    return total / count


TARGETS = [{"norm_pix": False}, {"norm_pix": True}, {"norm_pix": True, "keep_mean": True}]


@pytest.mark.parametrize("target", TARGETS)
def test_the_loss_is_the_error_on_hidden_patches(target):
    model = autoencoder(**target)
    images = torch.randn(4, 3, 32, 32)
    result = model(images, torch.Generator().manual_seed(1))
    assert result.loss.item() == pytest.approx(hidden_error(model, images, result), rel=1e-5)


def test_what_is_predicted_for_visible_patches_costs_nothing():
    model = autoencoder()
    result = model(torch.randn(4, 3, 32, 32))
    (slope,) = torch.autograd.grad(result.loss, result.prediction)
    assert not slope[~result.mask].any()
    assert slope[result.mask].any(dim=1).all()


def test_hidden_pixels_cannot_be_seen():
    model, images = autoencoder().eval(), torch.randn(2, 3, 32, 32)
    seed = torch.Generator().manual_seed(5)
    first = model(images, seed)
    patches = patchify(images, (8, 8))
    patches[first.mask] += 7
    second = model(unpatchify(patches, (8, 8), (4, 4)), seed.manual_seed(5))
    assert torch.equal(first.mask, second.mask)
    assert torch.equal(first.prediction, second.prediction)


@pytest.mark.parametrize("target", TARGETS)
def test_pixels_undo_targets(target):
    model = autoencoder(**target)
    patches = 2 + torch.randn(2, 4, 192)
    torch.testing.assert_close(model.pixels(model.targets(patches), patches), patches)


def test_norm_pix_targets_have_mean_0_and_deviation_1_where_there_is_texture():
    patches = 3 + 10 * torch.randn(2, 4, 192)
    targets = autoencoder(norm_pix=True).targets(patches)
    torch.testing.assert_close(targets.mean(dim=2), torch.zeros(2, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(targets.std(dim=2), torch.ones(2, 4), atol=1e-3, rtol=0)
    assert not autoencoder(norm_pix=True).targets(torch.full((1, 4, 192), 5.0)).any()


def test_one_picture_can_be_learned_by_heart():
    model = autoencoder(channels=1)
    ramp = torch.linspace(-1, 1, 32)
    image = (ramp[:, None] * ramp).expand(16, 1, -1, -1)  # under sixteen masks at a time
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    masks, losses = torch.Generator().manual_seed(0), []
    for _ in range(100):
        loss = model(image, masks).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-10:]) < 0.25 * sum(losses[:10])
    assert sum(losses[-10:]) / 10 < 0.5 * image.var()  # better than predicting the mean


def test_every_weight_but_the_fixed_positions_learns():
    model = autoencoder()
    model(torch.randn(2, 3, 32, 32)).loss.backward()
    still = {name for name, weight in model.named_parameters() if weight.grad is None}
    assert still == {"encoder.pos_embed"}


# --- positions ---------------------------------------------------------------------------------


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([8, 32, 192]))
@settings(max_examples=20)
def test_a_rectangular_table_is_the_square_one_where_they_coincide(rows, columns, dim):
    side = max(rows, columns)
    square = sincos_positions((side, side), dim)[0, 1:].reshape(side, side, dim)
    table = sincos_positions((rows, columns), dim)
    assert table.shape == (1, 1 + rows * columns, dim)
    assert not table[0, 0].any()  # the class token has no place
    torch.testing.assert_close(table[0, 1:].reshape(rows, columns, dim), square[:rows, :columns])


def test_half_of_a_position_tells_the_row_and_half_the_column():
    table = sincos_positions((3, 5), 16)[0, 1:].reshape(3, 5, 16)
    along_rows = (table == table[:1]).all(dim=0).all(dim=0)
    along_columns = (table == table[:, :1]).all(dim=0).all(dim=0)
    assert along_rows.sum() == along_columns.sum() == 8
    assert not (along_rows & along_columns).any()
    assert len(table.reshape(15, 16).unique(dim=0)) == 15


def test_the_table_is_fixed_and_in_the_encoder():
    vit = encoder((16, 48), (8, 16), 1)
    assert not vit.pos_embed.requires_grad
    assert torch.equal(vit.pos_embed, sincos_positions((2, 3), 32))


# --- mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "said"), [((33, 32), "height 33 .* patch's height 8"), ((32, 0), "width 0 .* patch's width 8")]
)
def test_an_input_that_the_patch_does_not_divide_is_refused(size, said):
    with pytest.raises(TrainerError, match=said):
        encoder(size)


def test_an_unknown_model_is_refused():
    with pytest.raises(TrainerError, match="unknown model 'vit_huge': choose from vit_tiny, vit_small"):
        build_encoder("vit_huge", input_size=(32, 32), patch_size=(8, 8), channels=3)
