"""Dead leaves against the laws of the model and against leaves that fall the ordinary way."""

import numpy as np
import pytest

from patterngen.drawing import leaves as dl
from patterngen.families import family
from patterngen.kernels.jit import kernel
from patterngen.rng import below, stream


def cover(seed, size, shapes, law):
    leaf = dl.leaf_map(size, size)
    seen = dl.cover(stream(np.uint64(seed)), *law, np.array(shapes), size, leaf)
    return leaf[:, :size], seen


@kernel
def _radii(seed, radii, cumulative, size, n):
    s = stream(seed)
    drawn = np.empty(n, np.int64)
    for i in range(n):
        drawn[i] = dl.draw_radius(s, radii, cumulative, size)
    return drawn


def published_law(low=0.03, high=1.0, exponent=3.0):
    """Radii and probabilities, written down again from the paper's definition."""
    radii = np.linspace(low, high, 200)
    weights = radii**-exponent - high**-exponent
    return radii, weights / weights.sum()


@pytest.mark.parametrize("size", [64, 256])
@pytest.mark.parametrize("law", [(0.03, 1.0, 3.0), (0.1, 0.4, 1.0), (0.05, 1.0, 8.0)])
def test_radii_follow_their_law(size, law):
    radii, probabilities = published_law(*law)
    n = 200_000
    drawn = _radii(np.uint64(3), *dl.radius_law(*law), size, n)
    pixels = np.maximum(np.floor(radii * size), 1)
    grid = np.arange(1, size + 1)
    expected = np.array([probabilities[pixels <= rho].sum() for rho in grid])
    found = np.searchsorted(np.sort(drawn), grid, side="right") / n
    # Kolmogorov–Smirnov at 1 %; for a discrete law the bound holds all the more.
    assert np.abs(found - expected).max() < 1.63 / np.sqrt(n)


def test_equal_radii_are_a_law_of_one():
    assert set(_radii(np.uint64(1), *dl.radius_law(0.2, 0.2, 3.0), 100, 500).tolist()) == {20}


@pytest.mark.parametrize("shape", range(6))
@pytest.mark.parametrize("size", [1, 7, 64, 150])
def test_no_pixel_is_left_uncovered(shape, size):
    for seed in range(5):
        leaf, seen = cover(seed, size, [shape], dl.radius_law(0.03, 1.0, 3.0))
        assert leaf.min() == 0
        # Exactly the leaves that are counted are seen.
        assert np.array_equal(np.unique(leaf), np.arange(seen))


def test_the_top_leaf_is_whole():
    for seed in range(20):
        leaf, _ = cover(seed, 64, [dl.SQUARE], dl.radius_law(0.1, 0.3, 3.0))
        rows, columns = np.nonzero(leaf == 0)
        assert (np.ptp(rows) + 1) * (np.ptp(columns) + 1) == len(rows)


@kernel
def _first_squares(s, radii, cumulative, leaf, radius_at):
    """What `cover` does, pixel by pixel: the first square to cover a pixel is seen there."""
    size = len(leaf)
    leaf[:] = -1
    number = 0
    while leaf.min() < 0:
        below(s, 1)
        radius = dl.draw_radius(s, radii, cumulative, size)
        cx, cy = dl.point(s, size)
        half = radius * np.sqrt(0.5)
        for row in range(size):
            for column in range(size):
                inside = abs(column + 0.5 - cx) < half and abs(row + 0.5 - cy) < half
                if inside and leaf[row, column] < 0:
                    leaf[row, column] = number
                    radius_at[row, column] = radius
        number += 1


def test_the_first_leaf_on_a_pixel_is_seen_there():
    for seed in range(30):
        size = 20 + 3 * seed  # up to two words of bits
        law = dl.radius_law(0.05, 0.9, 2.0)
        leaf, seen = cover(seed, size, [dl.SQUARE], law)
        expected, radius_at = np.empty((2, size, size), np.int64)
        _first_squares(stream(np.uint64(seed)), *law, expected, radius_at)
        # Hidden squares took numbers there and none here: the order is the same.
        assert np.array_equal(np.unique(expected)[leaf], expected)
        assert seen == len(np.unique(expected))


def test_the_leaf_seen_at_a_point_is_drawn_by_area():
    """Palm's law: far from the border a leaf of radius ρ is seen at a point with probability ∝ p(ρ)·ρ²."""
    size, high, pictures = 40, 0.3, 4000
    law = dl.radius_law(0.05, high, 1.0)
    radii, probabilities = published_law(0.05, high, 1.0)
    rho = np.maximum(np.floor(radii * size), 1)
    sizes = np.unique(rho)
    expected = np.array([probabilities[rho == r].sum() * r**2 for r in sizes])
    expected /= expected.sum()
    expected, found = expected.cumsum(), np.zeros(len(sizes))
    leaf, radius_at = np.empty((2, size, size), np.int64)
    for seed in range(pictures):
        _first_squares(stream(np.uint64(seed)), *law, leaf, radius_at)
        found += radius_at[size // 2, size // 2] <= sizes
    assert np.abs(found / pictures - expected).max() < 1.63 / np.sqrt(pictures)


def test_same_leaf_probability_far_from_the_border():
    """γ(h) / (2γ(0) − γ(h)), γ the mean set covariance of a leaf: the closed form of Matheron (1968)."""
    size, high = 96, 0.15
    law = dl.radius_law(0.03, high, 3.0)
    radii, probabilities = published_law(0.03, high)
    side = np.sqrt(2) * np.maximum(np.floor(radii * size), 1)
    margin = 15  # the largest leaf's radius: from here on the border is out of reach

    def gamma(h):
        return (probabilities * side * np.maximum(side - h, 0)).sum()

    lags = [1, 2, 4, 8, 12]
    same = np.zeros(len(lags))
    pictures = 400
    for seed in range(pictures):
        leaf, _ = cover(seed, size, [dl.SQUARE], law)
        inner = leaf[margin:-margin, margin:-margin]
        for k, lag in enumerate(lags):
            same[k] += np.mean(inner[:, lag:] == inner[:, :-lag]) / 2
            same[k] += np.mean(inner[lag:] == inner[:-lag]) / 2
    expected = [gamma(h) / (2 * gamma(0) - gamma(h)) for h in lags]
    assert same / pictures == pytest.approx(expected, abs=0.008)


def test_same_leaf_probability_near_the_border():
    """Centres lie inside the picture, so a pair's probability depends on its place: µ(both) / µ(either)."""
    size = 64
    radii, probabilities = published_law()
    half = np.maximum(np.floor(radii * size), 1) / np.sqrt(2)

    def covering(points):
        """Measure of the centres and radii of squares that cover all points (x, y) of pixels."""
        centres = np.array(points) + 0.5
        low = np.maximum(centres.max(0)[:, None] - half, 0)
        high = np.minimum(centres.min(0)[:, None] + half, size)
        return (probabilities * np.maximum(high - low, 0).prod(0)).sum()

    pairs = [
        ((0, 0), (3, 0)),
        ((0, 0), (0, 10)),
        ((32, 32), (38, 35)),
        ((5, 60), (12, 60)),
        ((0, 63), (2, 61)),
    ]
    pictures = 6000
    same = np.zeros(len(pairs))
    for seed in range(pictures):
        leaf, _ = cover(seed, size, [dl.SQUARE], dl.radius_law(0.03, 1.0, 3.0))
        same += [leaf[p[1], p[0]] == leaf[q[1], q[0]] for p, q in pairs]
    both = np.array([covering([p, q]) for p, q in pairs])
    either = np.array([covering([p]) + covering([q]) for p, q in pairs]) - both
    expected = both / either
    error = np.sqrt(expected * (1 - expected) / pictures)
    assert np.all(np.abs(same / pictures - expected) < 4 * error)


def falling_leaves(rng, size, count, low):
    """The published order: leaf over leaf, shapes tested point by point with cross products."""
    radii, probabilities = published_law(low)
    y, x = np.mgrid[:size, :size] + 0.5
    leaf = np.full((size, size), -1)
    for k in range(count):
        rho = max(int(rng.choice(radii, p=probabilities) * size), 1)
        cx, cy = rng.uniform(0, size, 2)
        shape = rng.integers(6)
        if shape == dl.CIRCLE:
            inside = (x - cx) ** 2 + (y - cy) ** 2 <= rho**2
        else:
            eighth = np.pi / 4
            a = rng.uniform(0, np.pi / 2)
            angles = {
                dl.SQUARE: np.array([1, 3, 5, 7]) * eighth,
                dl.ORIENTED: np.array([1, 3, 5, 7]) * eighth + rng.uniform(0, 2 * np.pi),
                dl.RECTANGLE: np.array([a, np.pi - a, np.pi + a, 2 * np.pi - a]),
                dl.TRIANGLE: np.sort(rng.uniform(0, 2 * np.pi, 3)),
                dl.QUADRILATERAL: np.sort(rng.uniform(0, 2 * np.pi, 4)),
            }[shape]
            px, py = cx + rho * np.cos(angles), cy + rho * np.sin(angles)
            qx, qy = np.roll(px, -1), np.roll(py, -1)
            inside = np.ones((size, size), bool)
            for i in range(len(angles)):
                inside &= (qx[i] - px[i]) * (y - py[i]) - (qy[i] - py[i]) * (x - px[i]) >= 0
        leaf[inside] = k
    return leaf


def test_front_to_back_has_the_statistics_of_back_to_front():
    size, low, pictures = 20, 0.15, 250
    rng = np.random.default_rng(0)

    def statistics(leaf):
        return [
            len(np.unique(leaf)),
            np.mean(leaf[:, 1:] == leaf[:, :-1]),
            np.mean(leaf[4:] == leaf[:-4]),
            np.mean(leaf[3:, 3:] == leaf[:-3, :-3]),
            leaf[0, 0] == leaf[0, 2],
            np.bincount(leaf.ravel()).max(),
        ]

    published = []
    for _ in range(pictures):
        leaf = falling_leaves(rng, size, 150, low)
        if leaf.min() < 0:  # 150 leaves left a hole, as the published cap sometimes does
            continue
        published.append(statistics(leaf))
    assert len(published) > 0.95 * pictures
    law = dl.radius_law(low, 1.0, 3.0)
    ours = [statistics(cover(seed, size, range(6), law)[0]) for seed in range(3000)]
    error = np.sqrt(np.var(published, 0) / len(published) + np.var(ours, 0) / len(ours))
    assert np.all(np.abs(np.mean(published, 0) - np.mean(ours, 0)) < 4 * error)


def test_as_many_colours_as_leaves():
    pictures = family("dead-leaves-mixed").draw(range(10), 128)
    for picture, params in zip(pictures.pixels, pictures.params, strict=True):
        colours = len(np.unique(picture.reshape(-1, 3), axis=0))
        assert colours <= params["leaves"] <= colours + 1  # two leaves may share one of 2²⁴ colours


def test_larger_exponent_means_smaller_leaves():
    seen = [
        np.mean([p["leaves"] for p in family(f"dead-leaves-squares?exponent={e}").draw(range(20), 64).params])
        for e in (1, 3, 6)
    ]
    assert seen[0] < seen[1] < seen[2]
