"""Points stamped as random patterns, against stamping them one by one."""

import numpy as np
import pytest

from patterngen.drawing.stamps import GRAY, framed, margin_of, stamp
from patterngen.rng import stream

UNIT = tuple(np.float32(side) for side in (0, 1, 0, 1))
NOT_TURNED = (False, False)


def stamped(points, size, patches=True, margin=0, seed=1):
    pixels = np.empty((size, size, 3), np.uint8)
    stamp(stream(np.uint64(seed)), points.astype(np.float32), UNIT, margin, NOT_TURNED, patches, pixels)
    assert np.all(pixels == pixels[..., :1])
    return pixels[..., 0]


def one_by_one(rng, points, size):
    """Paste a random 3 × 3 pattern, never empty, around every point."""
    canvas = np.zeros((size + 2, size + 2), np.uint8)
    patterns = GRAY * (rng.integers(1, 512, len(points.T))[:, None] >> np.arange(9) & 1).reshape(-1, 3, 3)
    for (x, y), pattern in zip(np.minimum((points.T * size).astype(int), size - 1), patterns, strict=True):
        canvas[y : y + 3, x : x + 3] = pattern
    return canvas[1:-1, 1:-1]


def test_patterns_look_as_if_pasted_one_by_one():
    rng = np.random.default_rng(1)
    points = rng.uniform(0.2, 0.8, (2, 60)) ** 2
    ours = np.array([stamped(points, 30, seed=seed) for seed in range(300)]) / GRAY
    theirs = np.array([one_by_one(rng, points, 30) for _ in range(300)]) / GRAY
    reached = theirs.any(0)
    assert np.array_equal(reached, ours.any(0))
    assert ours[:, reached].mean() == pytest.approx(theirs[:, reached].mean(), abs=0.01)
    assert np.abs(ours.mean(0) - theirs.mean(0)).max() < 0.2
    # Bits side by side are as independent as when pasted.
    for lag in (1, 2):
        differ = [np.mean(kind[..., lag:] != kind[..., :-lag]) for kind in (ours, theirs)]
        assert differ[0] == pytest.approx(differ[1], rel=0.03)


def test_single_points_are_single_pixels():
    points = np.array([[0.05, 0.55, 0.999], [0.05, 0.35, 0.999]])
    pixels = stamped(points, 10, patches=False)
    assert pixels.sum() == 3 * GRAY
    assert pixels[0, 0] == pixels[3, 5] == pixels[9, 9] == GRAY


@pytest.mark.parametrize(("size", "free"), [(362, 6), (256, 4), (64, 1), (30, 0), (1, 0)])
def test_the_margin_stays_free_but_for_one_pixel_of_a_pattern(size, free):
    assert margin_of(size) == free
    points = np.random.default_rng(0).uniform(0, 1, (2, 50_000))
    single = stamped(points, size, patches=False, margin=free)
    rows, columns = np.nonzero(single)
    assert rows.min() >= free
    assert columns.min() >= free
    assert rows.max() < size - free
    assert columns.max() < size - free
    if free > 1:
        assert not stamped(points, size, margin=free)[: free - 1].any()


@pytest.mark.parametrize("size", [1, 2, 3, 17])
def test_small_pictures_are_covered(size):
    points = np.random.default_rng(0).uniform(0, 1, (2, 5000))
    assert np.all(stamped(points, size, patches=False) == GRAY)
    seen = np.array([stamped(points, size, seed=seed) for seed in range(200)]) == GRAY
    assert seen.mean() == pytest.approx(0.5, abs=0.1)


def test_a_frame_is_as_many_pixels_wide():
    box = framed(UNIT, 10, 3)
    assert box == pytest.approx((-0.3, 1.3, -0.3, 1.3))
    point = tuple(np.float32(5) for _ in range(4))
    left, right, _, _ = framed(point, 10, 3)
    assert left < 5 < right
