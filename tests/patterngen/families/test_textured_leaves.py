"""Leaves carry their textures, in place or moved, and the bank is bounded."""

import numpy as np
import pytest

from patterngen.drawing.leaves import cover, leaf_map, radius_law
from patterngen.families import family
from patterngen.families.statistical import StatSpectrumColorWmm
from patterngen.families.textured_leaves import ORDERS, DeadLeavesTextures, draw_poses
from patterngen.families.textured_leaves import bank as texture_bank
from patterngen.rng import stream


def leaves_and_poses(drawer, seed, size):
    """What the family draws before it cuts."""
    s = stream(np.uint64(seed))
    leaf = leaf_map(size, size)
    law = radius_law(drawer.radius_min, drawer.radius_max, drawer.exponent)
    poses = np.empty((cover(s, *law, np.array(drawer.shapes), size, leaf), 5), np.int64)
    draw_poses(s, drawer.textures, min(size, texture_bank.LARGEST), drawer.moved, poses)
    return leaf[:, :size], poses


def texture(number, size):
    return StatSpectrumColorWmm().draw([texture_bank.SEED + int(number)], size).pixels[0]


def test_unmoved_leaves_show_the_texture_at_their_own_coordinates():
    drawer, size = DeadLeavesTextures(textures=5, moved=False), 32
    leaf, poses = leaves_and_poses(drawer, 4, size)
    textures = np.stack([texture(k, size) for k in range(5)])
    expected = np.take_along_axis(textures, poses[leaf, 0][None, ..., None], 0)[0]
    assert np.array_equal(drawer.draw([4], size).pixels[0], expected)
    assert len(set(poses[:, 0])) == 5


def move(texture, down, right, symmetry, order):
    """The same motions with NumPy's own."""
    moved = np.roll(texture, (-down, -right), (0, 1))
    moved = np.roll(moved[::-1], 1, 0) if symmetry & 1 else moved  # y becomes −y: row 0 stays
    moved = np.roll(moved[:, ::-1], 1, 1) if symmetry & 2 else moved
    moved = moved.swapaxes(0, 1) if symmetry & 4 else moved
    return moved[..., ORDERS[order]]


@pytest.mark.parametrize("seed", range(3))
def test_moved_leaves_show_a_moved_texture(seed):
    drawer, size = DeadLeavesTextures(textures=3), 24
    leaf, poses = leaves_and_poses(drawer, seed, size)
    picture = drawer.draw([seed], size).pixels[0]
    textures = [texture(k, size) for k in range(3)]
    for number, (k, *motion) in enumerate(poses):
        here = leaf == number
        assert np.array_equal(picture[here], move(textures[k], *motion)[here])
    assert set(poses[:, 3]) == set(range(8))
    assert set(poses[:, 4]) == set(range(6))


def test_larger_pictures_repeat_the_textures(monkeypatch):
    monkeypatch.setattr(texture_bank, "LARGEST", 16)
    drawer = DeadLeavesTextures(textures=1, moved=False)
    picture = drawer.draw([1], 40).pixels[0]
    assert np.array_equal(picture, np.tile(texture(0, 16), (3, 3, 1))[:40, :40])


def test_textures_tile_without_a_seam():
    """Across the border neighbours are as alike as elsewhere."""
    x = texture(3, 64).astype(float)
    inside = np.abs(np.diff(x, axis=0)).mean()
    across = np.abs(x[0] - x[-1]).mean()
    assert across < 1.5 * inside


def test_a_bank_draws_what_is_asked_for_once(monkeypatch):
    drawn = []
    draw = StatSpectrumColorWmm.draw
    monkeypatch.setattr(StatSpectrumColorWmm, "draw", lambda *a: drawn.extend(a[1]) or draw(*a))
    bank = texture_bank.TextureBank(10, 16)
    bank.draw(np.array([7, 2, 7]))
    bank.draw(np.array([2, 3]))
    assert [seed - texture_bank.SEED for seed in drawn] == [2, 7, 3]


def test_banks_give_way_when_memory_is_full(monkeypatch):
    monkeypatch.setattr(texture_bank, "_banks", type(texture_bank._banks)())
    monkeypatch.setattr(texture_bank, "_BUDGET", 8 * 16 * 16 * 3)
    banks = {count: texture_bank.texture_bank(count, 16) for count in (4, 5, 3)}
    assert texture_bank.texture_bank(5, 16) is banks[5]
    assert texture_bank.texture_bank(3, 16) is banks[3]
    assert texture_bank.texture_bank(4, 16) is not banks[4]
    assert sum(bank.pixels.nbytes for bank in texture_bank._banks.values()) <= texture_bank._BUDGET


def test_more_textures_leave_the_first_as_they_are():
    """Texture k follows from k alone."""
    few, many = texture_bank.TextureBank(2, 16), texture_bank.TextureBank(9, 16)
    for bank in (few, many):
        bank.draw(np.arange(2))
    assert np.array_equal(few.pixels, many.pixels[:2])


def test_a_picture_does_not_depend_on_what_was_drawn_before():
    first = family("dead-leaves-textures").draw([5], 20).pixels
    again = family("dead-leaves-textures").draw([1, 2, 5], 20).pixels[2:]
    assert np.array_equal(first, again)
