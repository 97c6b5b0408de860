from typing import get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.model.config import MaskKind
from trainer.model.masking import dispersion, draw_order, restoring

KINDS = get_args(MaskKind)


def seed(number=0):
    return torch.Generator().manual_seed(number)


def hidden(kind, batch, grid, visible, number=0):
    """Masks on their grids: bool [batch, rows, columns]."""
    order = draw_order(kind, batch, grid, visible, seed(number))
    mask = torch.zeros(order.shape, dtype=torch.bool).scatter_(1, order[:, visible:], value=True)
    return mask.unflatten(1, grid)


@pytest.mark.parametrize("kind", KINDS)
@given(st.integers(1, 4), st.integers(1, 13), st.integers(1, 13), st.floats(0, 1), st.integers(0, 2**40))
@settings(max_examples=40)
def test_every_patch_has_one_place_and_exactly_the_asked_number_is_hidden(
    kind, batch, rows, columns, share, number
):
    length = rows * columns
    visible = round(share * length)
    order = draw_order(kind, batch, (rows, columns), visible, seed(number))
    assert torch.equal(order.sort(dim=1).values, torch.arange(length).expand(batch, -1))
    counts = hidden(kind, batch, (rows, columns), visible, number).flatten(1).sum(dim=1)
    assert (counts == length - visible).all()


@given(st.integers(1, 5), st.integers(1, 300), st.integers(0, 2**31))
@settings(max_examples=20)
def test_restoring_undoes_an_order(batch, length, number):
    order = draw_order("random", batch, (1, length), 0, seed(number))
    tokens = torch.rand(batch, length)
    assert torch.equal(tokens.gather(1, order).gather(1, restoring(order)), tokens)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_seeds_give_equal_masks_and_pictures_differ(kind):
    one, same, other = (draw_order(kind, 8, (6, 9), 20, seed(number)) for number in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert len(hidden(kind, 8, (6, 9), 20).flatten(1).unique(dim=0)) > 4


def test_every_patch_is_hidden_equally_often_at_random():
    often = hidden("random", 2000, (4, 4), 4).float().mean(dim=0)
    deviation = (0.75 * 0.25 / 2000) ** 0.5
    assert (often - 0.75).abs().max() < 5 * deviation


@pytest.mark.parametrize("kind", ["frequency", "time"])
def test_every_stripe_is_hidden_equally_often(kind):
    often = hidden(kind, 2000, (5, 5), 12).float().mean(dim=0)
    assert (often - 13 / 25).abs().max() < 5 * 0.5 / 2000**0.5


@pytest.mark.parametrize("visible", [0, 7, 18, 30, 53, 54])
def test_frequency_hides_rows_and_time_hides_columns(visible):
    for kind, masks in (
        ("frequency", hidden("frequency", 50, (6, 9), visible)),
        ("time", hidden("time", 50, (6, 9), visible).transpose(1, 2)),
    ):
        length = masks.shape[2]
        per_stripe = masks.sum(dim=2)
        part = (54 - visible) % length
        cut = (per_stripe > 0) & (per_stripe < length)
        assert (cut.sum(dim=1) == (part > 0)).all(), kind
        assert (per_stripe[cut] == part).all()
        # and what is hidden of that stripe is one run, around the end or not
        for stripe in masks[cut]:
            assert (stripe != stripe.roll(1)).sum() == 2


def test_rows_and_columns_are_hidden_together():
    """What is left visible is a grid of rows by columns, but for one stripe that is cut; all places alike."""
    masks = hidden("time-frequency", 2000, (6, 9), 18)
    for mask in masks[:50]:
        rows, columns = (~mask).any(dim=1), (~mask).any(dim=0)
        cut = (rows[:, None] & columns) & mask
        assert cut.any(dim=0).sum() <= 1 or cut.any(dim=1).sum() <= 1
        assert 0 < rows.sum() < 6 or 0 < columns.sum() < 9
    often = masks.float().mean(dim=0)
    assert (often - 2 / 3).abs().max() < 0.08
    assert {bool((~mask).any(dim=1).all()) for mask in masks} == {True, False}  # rows are hidden, or none


def test_blocks_hide_neighbours_together():
    def together(masks):
        return (masks[:, :, 1:] == masks[:, :, :-1]).float().mean()

    block, random = (hidden(kind, 200, (14, 14), 98) for kind in ("block", "random"))
    assert together(random) == pytest.approx(0.5, abs=0.02)
    assert together(block) > 0.85


def test_blocks_reach_the_edges():
    often = hidden("block", 2000, (10, 10), 50).float().mean(dim=0)
    assert often.min() > 0.35
    assert often.max() < 0.65


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_hidden_patches_are_a_fair_sample(kind):
    order = draw_order(kind, 4000, (6, 6), 9, seed())
    first = order[:, 9].float()
    rest = order[:, 9:].float()
    # The mean place of the first is that of all hidden ones, by a z-test over pictures.
    difference = first - rest.mean(dim=1)
    assert difference.mean().abs() < 5 * difference.std() / 4000**0.5


def two_kinds(batch):
    """Patches [batch, 64, 16]: every second one deviates twice as much as the others."""
    patches = torch.randn(batch, 64, 16, generator=seed(1)).sign()
    patches[:, :, 8:] = -patches[:, :, :8]  # so that each deviates by exactly 1
    return patches * torch.tensor([1.0, 2.0]).repeat(32)[:, None]


def test_by_dispersion_the_first_hidden_patch_is_drawn_in_proportion_to_its_weight():
    """Weights are deviation over mean deviation, plus 0.1: 1/1.5 + 0.1 and 2/1.5 + 0.1."""
    light, heavy = 1 / 1.5 + 0.1, 2 / 1.5 + 0.1
    weights = dispersion(two_kinds(4000))
    torch.testing.assert_close(weights[0], torch.tensor([light, heavy]).repeat(32))
    order = draw_order("dispersion", 4000, (8, 8), 63, seed(), weights)
    expected = heavy / (light + heavy)
    often = (order[:, 63] % 2).float().mean().item()
    assert often == pytest.approx(expected, abs=5 * (expected * (1 - expected) / 4000) ** 0.5)


def test_by_dispersion_the_first_hidden_ones_are_a_fair_sample_of_all_of_them():
    order = draw_order("dispersion", 4000, (8, 8), 16, seed(), dispersion(two_kinds(4000)))
    heavy = (order[:, 16:] % 2).float().mean(dim=0)
    assert heavy.mean() > 0.55
    assert (heavy - heavy.mean()).abs().max() < 5 * (0.25 / 4000) ** 0.5


def test_the_unit_of_the_pixels_does_not_matter_and_patches_of_a_flat_picture_weigh_alike():
    patches = two_kinds(3)
    torch.testing.assert_close(dispersion(patches), dispersion(5 * patches - 2))
    assert (dispersion(torch.full((1, 16, 8), 0.3)) == dispersion(torch.zeros(1, 16, 8))).all()
