"""Diamond–square: refinement, and what the decay does."""

import numpy as np
import pytest

from patterngen.families import family
from patterngen.families.diamond_square import raise_terrain
from patterngen.rng import stream


def terrain(seed, size, decay):
    heights = np.full((size, size), np.nan, np.float32)
    raise_terrain(stream(np.uint64(seed)), decay, heights)
    return heights


@pytest.mark.parametrize("side", [2, 3, 5, 65, 129])
def test_a_picture_is_a_corner_of_the_smallest_terrain_that_holds_it(side):
    whole = terrain(4, side, 0.6)
    assert np.isfinite(whole).all()
    for size in range(max(side // 2 + 2, side - 9), side):
        assert np.array_equal(terrain(4, size, 0.6), whole[:size, :size])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 7, 66, 130])
def test_any_size_is_filled(size):
    assert np.isfinite(terrain(1, size, 0.5)).all()


def test_a_finer_grid_refines_the_coarser():
    assert np.array_equal(terrain(3, 65, 0.6)[::2, ::2], terrain(3, 33, 0.6))


def test_without_noise_every_point_is_the_mean_of_its_neighbours():
    heights = terrain(1, 17, 0.0)
    # Below the first level the amplitude is 0: odd rows and columns are middles of squares, then of sides.
    corners = heights[:-2:2, :-2:2] + heights[2::2, :-2:2] + heights[:-2:2, 2::2] + heights[2::2, 2::2]
    assert heights[1::2, 1::2] == pytest.approx(corners / 4, abs=1e-6)
    inner = heights[2:-1:2, 1::2]
    sides = heights[2:-1:2, :-2:2] + heights[2:-1:2, 2::2] + heights[1:-2:2, 1::2] + heights[3::2, 1::2]
    assert inner == pytest.approx(sides / 4, abs=1e-6)
    inner = heights[1::2, 2:-1:2]
    sides = heights[:-2:2, 2:-1:2] + heights[2::2, 2:-1:2] + heights[1::2, 1:-2:2] + heights[1::2, 3::2]
    assert inner == pytest.approx(sides / 4, abs=1e-6)
    for edge, beside in ((heights[0], heights[1]), (heights[-1], heights[-2])):
        assert edge[1::2] == pytest.approx((edge[:-2:2] + edge[2::2] + beside[1::2]) / 3, abs=1e-6)
    for edge, beside in ((heights[:, 0], heights[:, 1]), (heights[:, -1], heights[:, -2])):
        assert edge[1::2] == pytest.approx((edge[:-2:2] + edge[2::2] + beside[1::2]) / 3, abs=1e-6)


def test_each_level_is_smaller_by_the_decay():
    spread = []
    for level in range(3):
        details = []
        for seed in range(60):
            heights = terrain(seed, 17, 0.5)[:: 4 >> level, :: 4 >> level]
            corners = (
                heights[:-2:2, :-2:2] + heights[2::2, :-2:2] + heights[:-2:2, 2::2] + heights[2::2, 2::2]
            )
            details.append(heights[1::2, 1::2] - corners / 4)
        spread.append(np.std(np.concatenate([d.ravel() for d in details])))
    # Uniform on ±amplitude has deviation amplitude/√3; the grid's second level starts at decay¹.
    assert spread == pytest.approx([0.5**k / np.sqrt(3) for k in (1, 2, 3)], rel=0.05)


def increments(decay, lag):
    """Mean square difference of heights a lag apart."""
    total = 0.0
    for seed in range(30):
        heights = terrain(seed, 129, decay)
        total += np.square(heights[lag:] - heights[:-lag]).mean()
        total += np.square(heights[:, lag:] - heights[:, :-lag]).mean()
    return total


@pytest.mark.parametrize("decay", [0.7, 0.75, 0.8])
def test_increments_scale_as_those_of_fractional_brownian_motion(decay):
    """E (h(x + r) − h(x))² ∝ r^2H with 2^−H = decay; the square grid bends it, less for rough terrain."""
    lags = [2, 4, 8, 16]
    slope = np.polyfit(np.log(lags), np.log([increments(decay, lag) for lag in lags]), 1)[0]
    assert slope == pytest.approx(-2 * np.log2(decay), abs=0.15)


def test_roughness_rises_with_the_decay():
    # Height differences of neighbours, relative to those far apart.
    roughness = [increments(decay, 1) / increments(decay, 32) for decay in (0.3, 0.45, 0.6, 0.75, 0.9)]
    assert np.all(np.diff(roughness) > 0)


def test_a_smoother_family_has_less_variation():
    def variation(decay):
        pixels = (
            family(f"diamond-square?colours=1&decay_low={decay}&decay_high={decay}").draw(range(8), 64).pixels
        )
        return np.abs(np.diff(pixels.astype(int), axis=2)).mean()

    assert variation(0.2) < variation(0.5) < variation(0.8)


def test_pictures_say_what_was_drawn():
    decays = [params["decay"] for params in family("diamond-square").draw(range(200), 4).params]
    assert min(decays) == pytest.approx(0.4, abs=0.01)
    assert max(decays) == pytest.approx(0.8, abs=0.01)
