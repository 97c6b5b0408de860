import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from published import mae_reference
from timm.layers import build_sincos2d_pos_embed

from trainer.model.positions import fit_positions, position_table, sincos_positions


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([8, 32, 192]))
@settings(max_examples=20)
def test_a_rectangular_table_is_the_square_one_where_they_coincide(rows, columns, dim):
    side = max(rows, columns)
    square = sincos_positions((side, side), dim)[0, 1:].reshape(side, side, dim)
    table = sincos_positions((rows, columns), dim)
    assert table.shape == (1, 1 + rows * columns, dim)
    assert not table[0, 0].any()  # the class token has no place
    torch.testing.assert_close(table[0, 1:].reshape(rows, columns, dim), square[:rows, :columns])


@pytest.mark.parametrize(("side", "dim"), [(3, 8), (14, 768), (14, 512)])
def test_a_square_table_is_the_published_one(side, dim):
    torch.testing.assert_close(
        sincos_positions((side, side), dim), mae_reference.sincos(side, dim), atol=1e-5, rtol=0
    )


def test_a_position_by_hand():
    third_row_second_column = sincos_positions((4, 3), 8)[0, 1 + 2 * 3 + 1]
    one, two = ([f(place * rate) for f in (math.sin, math.cos) for rate in (1, 0.01)] for place in (1, 2))
    torch.testing.assert_close(third_row_second_column, torch.tensor(one + two))


def test_half_of_a_position_tells_the_row_and_half_the_column():
    table = sincos_positions((3, 5), 16)[0, 1:].reshape(3, 5, 16)
    along_rows = (table == table[:1]).all(dim=0).all(dim=0)
    along_columns = (table == table[:, :1]).all(dim=0).all(dim=0)
    assert along_rows.sum() == along_columns.sum() == 8
    assert not (along_rows & along_columns).any()
    assert len(table.reshape(15, 16).unique(dim=0)) == 15


def test_a_fixed_table_is_not_trained_and_a_learned_one_begins_at_random():
    fixed, learned = (position_table(kind, (2, 3), 32) for kind in ("sincos", "learned"))
    assert torch.equal(fixed, sincos_positions((2, 3), 32))
    assert not fixed.requires_grad
    assert learned.requires_grad
    assert 0.01 < learned.std() < 0.03


@pytest.mark.parametrize(("grid", "dim"), [((5, 5), 16), ((3, 8), 192), ((10, 13), 48)])
def test_the_table_is_timms_with_the_axes_as_published(grid, dim):
    timms = build_sincos2d_pos_embed(list(grid), dim).unflatten(1, (2, 2, dim // 4))
    torch.testing.assert_close(
        sincos_positions(grid, dim)[0, 1:], timms.transpose(1, 2).flip(1).flatten(1), atol=1e-6, rtol=0
    )


def test_the_same_place_has_the_same_numbers_on_a_finer_grid():
    coarse = sincos_positions((3, 4), 32)[0, 1:].unflatten(0, (3, 4))
    fine = sincos_positions((5, 7), 32, step=(0.5, 0.5))[0, 1:].unflatten(0, (5, 7))
    torch.testing.assert_close(fine[::2, ::2], coarse)


# --- one rule for another grid -----------------------------------------------------------------


def test_a_fixed_table_is_computed_afresh_and_a_learned_one_interpolated():
    fixed, learned = sincos_positions((3, 4), 32), position_table("learned", (3, 4), 32).detach()
    table, said = fit_positions(fixed + 5e-5, (3, 4), (3, 9))
    assert torch.equal(table, sincos_positions((3, 9), 32))
    assert said == "3×4 → 3×9, sin-cos table computed afresh"
    table, said = fit_positions(learned, (3, 4), (3, 9))
    assert table.shape == (1, 28, 32)
    assert torch.equal(table[:, 0], learned[:, 0])
    assert said == "3×4 → 3×9, interpolated (bicubic)"
    for each in (fixed, learned):
        assert fit_positions(each, (3, 4), (3, 4)) == (each, "")


def test_what_is_asked_for_is_done():
    fixed = sincos_positions((3, 4), 32)
    table, said = fit_positions(fixed, (3, 4), (3, 9), "interpolate")
    assert not torch.equal(table, sincos_positions((3, 9), 32))
    assert "interpolated" in said
    assert fit_positions(torch.ones(1, 13, 32), (3, 4), (2, 2), "sincos")[1].endswith("computed afresh")
