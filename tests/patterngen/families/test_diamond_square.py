"""Diamond–square: refinement, and what the decay does."""

import numpy as np
import pytest

from patterngen.families.diamond_square import raise_terrain, side_for
from patterngen.kernels import stream


def terrain(seed, side, decay):
    heights = np.full((side, side), np.nan, np.float32)
    raise_terrain(stream(np.uint64(seed)), decay, heights)
    return heights


@pytest.mark.parametrize(
    ("size", "side"), [(1, 2), (2, 2), (3, 3), (4, 5), (224, 257), (257, 257), (258, 513)]
)
def test_the_smallest_grid_that_holds_the_picture(size, side):
    assert side_for(size) == side


def test_a_finer_grid_refines_the_coarser():
    coarse, fine = terrain(3, 33, 0.6), terrain(3, 65, 0.6)
    assert np.array_equal(fine[::2, ::2], coarse)
    assert np.isfinite(fine).all()


def test_without_noise_every_point_is_the_mean_of_its_neighbours():
    heights = terrain(1, 17, 0.0)
    # Below the first level the amplitude is 0: odd rows and columns are middles of squares, then of sides.
    corners = heights[:-2:2, :-2:2] + heights[2::2, :-2:2] + heights[:-2:2, 2::2] + heights[2::2, 2::2]
    assert heights[1::2, 1::2] == pytest.approx(corners / 4, abs=1e-6)
    inner = heights[2:-1:2, 1::2]
    sides = heights[2:-1:2, :-2:2] + heights[2:-1:2, 2::2] + heights[1:-2:2, 1::2] + heights[3::2, 1::2]
    assert inner == pytest.approx(sides / 4, abs=1e-6)


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
