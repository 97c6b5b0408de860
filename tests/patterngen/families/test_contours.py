"""Radial contours: the laws of categories, of radii with and without noise, and what a picture shows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.families.contours import Category, draw_category, grow, perlin_1, start
from patterngen.families.rcdb import Rcdb
from patterngen.families.visual_atom import VisualAtom
from patterngen.kernels.jit import kernel
from patterngen.rng import bits, stream

COUNT = 4000
BOTH = [VisualAtom, Rcdb]


def categories(drawer, seed=0, count=COUNT):
    laws = drawer.laws
    drawn = [draw_category(seed, number, laws) for number in range(count)]
    return Category(*np.array(drawn, float).T)


@kernel
def _follow(s, contour, lines):
    random = np.empty(contour.shape[1], np.uint64)
    for _ in range(lines):
        for i in range(len(random)):
            random[i] = bits(s)
        grow(contour, random)


def last_line(category, size=512, seed=1):
    contour = start(category, size)
    _follow(stream(np.uint64(seed)), contour, category.lines)
    return contour[:2]


def make(**values):
    return Category(100, 1, 0.0, 0.0, 50, 0, 0, 1.0, 1.0)._replace(**values)


def distance_to_uniform(values, low, high):
    """Kolmogorov and Smirnov's distance to the uniform law, as a multiple of its bound at 1 %."""
    values = (np.sort(values) - low) / (high - low)
    return np.abs(values - (np.arange(len(values)) + 0.5) / len(values)).max() * math.sqrt(len(values)) / 1.63


WHOLE = {
    VisualAtom: {"vertices": (200, 1000), "lines": (1, 200), "radius": (10, 60)},
    Rcdb: {"lines": (1, 200), "radius": (0, 100)},
}


@pytest.mark.parametrize("family", BOTH)
def test_categories_follow_the_published_laws(family):
    drawn = categories(family())
    for name, (low, high) in WHOLE[family].items():
        values = getattr(drawn, name)
        assert low <= values.min() <= values.max() <= high
        assert np.all(values == np.floor(values))
        assert distance_to_uniform(values + 0.5, low, high + 1) < 1 + 1 / (high - low)
    reals = {"noise": (0, 4), "offset": (0, 0.1), "oval_x": (1, 2), "oval_y": (1, 2)}
    for name, (low, high) in reals.items():
        values = getattr(drawn, name)
        assert low <= values.min() <= values.max() <= high
        assert distance_to_uniform(values, low, high) < 1


def test_waves_are_unlike_unless_there_are_none():
    drawn = categories(VisualAtom(), count=20_000)
    pairs, counts = np.unique(np.stack([drawn.wave_1, drawn.wave_2]), axis=1, return_counts=True)
    allowed = {(n, m) for n in range(21) for m in range(21) if n != m or n == 0}
    assert set(zip(*pairs.astype(int).tolist(), strict=True)) == allowed
    expected = 20_000 / len(allowed)
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert chi_square < len(allowed) + 4 * math.sqrt(2 * len(allowed))
    assert not np.any(categories(Rcdb(), count=100).wave_1)


@pytest.mark.parametrize("mean", [5.0, 100.0, 1e6])
def test_corners_of_rcdb_follow_the_truncated_exponential_law(mean):
    vertices = categories(Rcdb(vertices_mean=mean)).vertices
    values = np.arange(3, 201)
    law = np.exp(-(values - 3) / mean)
    law /= law.sum()
    found = np.searchsorted(np.sort(vertices), values, side="right") / COUNT
    assert vertices.min() >= 3
    assert np.abs(found - law.cumsum()).max() < 1.63 / math.sqrt(COUNT)


@pytest.mark.parametrize("family", BOTH)
def test_a_category_follows_from_its_seed_and_number_alone(family):
    laws = family(categories=5).laws
    assert draw_category(7, 3, laws) == draw_category(7, 3, family().laws)
    few, other = categories(family(), 0, 50), categories(family(), 1, 50)
    assert len(set(few.noise) | set(other.noise)) == 100


@pytest.mark.parametrize("family", BOTH)
def test_classes_are_the_categories(family):
    drawer = family(categories=7)
    pictures = drawer.draw(range(60), 16)
    assert drawer.num_classes == 7
    assert set(pictures.class_id.tolist()) == set(range(7))
    for number, params in zip(pictures.class_id.tolist(), pictures.params, strict=True):
        expected = draw_category(0, number, drawer.laws)._asdict()
        assert {key: params[key] for key in expected} == expected
    assert family(categories_seed=1).draw([3], 16).params[0] != family().draw([3], 16).params[0]


def test_centres_are_uniform():
    params = VisualAtom(lines_high=1).draw(range(2000), 16).params
    for axis in ("centre_x", "centre_y"):
        values = np.array([p[axis] for p in params])
        assert set(2 * values) <= set(range(1025))
        assert distance_to_uniform(values, 0, 512) < 1


# The law of radii.


@given(st.integers(3, 300), st.integers(0, 100), st.floats(1, 2), st.floats(1, 2), st.integers(1, 9))
def test_without_noise_and_waves_a_contour_stays_an_ellipse(vertices, radius, oval_x, oval_y, lines):
    category = make(vertices=vertices, radius=radius, oval_x=oval_x, oval_y=oval_y, lines=lines)
    x, y = last_line(category, size=256)
    angle = 2 * np.pi * np.arange(vertices) / vertices
    assert x == pytest.approx(radius * oval_x / 2 * np.cos(angle), abs=1e-4)
    assert y == pytest.approx(radius * oval_y / 2 * np.sin(angle), abs=1e-4)


@given(st.integers(0, 20), st.integers(0, 20), st.floats(0, 0.1), st.integers(1, 200))
def test_waves_modulate_the_radius(wave_1, wave_2, offset, lines):
    category = make(vertices=250, wave_1=wave_1, wave_2=wave_2, offset=offset, lines=lines)
    x, y = last_line(category)
    angle = 2 * np.pi * np.arange(250) / 250
    radius = 50 + lines * (offset + 0.5 * np.sin(wave_1 * angle) + 0.5 * np.sin(wave_2 * angle))
    assert x == pytest.approx(radius * np.cos(angle), abs=2e-3)
    assert y == pytest.approx(radius * np.sin(angle), abs=2e-3)


def test_noise_moves_vertices_outward_by_its_strength_on_average():
    """Σ P(1 − perlin) over L lines: mean L·P, variance L·P² var(perlin), for each vertex and axis apart."""
    lines, noise = 40, 2.0
    places = last_line(make(vertices=2000, noise=noise, lines=lines))
    angle = 2 * np.pi * np.arange(2000) / 2000
    directions = np.stack([np.cos(angle), np.sin(angle)])
    clear = np.abs(directions).min(0) > 0.2
    growth = places[:, clear] / directions[:, clear] - 50
    deviation = noise * math.sqrt(lines * perlin_variance())
    count = clear.sum()
    assert growth.mean(1) == pytest.approx([lines * noise] * 2, abs=4 * deviation / math.sqrt(count))
    assert growth.std(1) == pytest.approx([deviation] * 2, rel=0.1)
    assert abs(np.corrcoef(growth)[0, 1]) < 4 / math.sqrt(count)
    assert abs(np.corrcoef(growth[0, 1:], growth[0, :-1])[0, 1]) < 4 / math.sqrt(count)


# Noise of one dimension.


def slopes():
    return np.concatenate([np.arange(-8, 0), np.arange(1, 9)]) / 4


def textbook(t, left, right):
    fade = 6 * t**5 - 15 * t**4 + 10 * t**3
    return (1 - fade) * left * t + fade * right * (t - 1)


def perlin_variance():
    t = (np.arange(10_000) + 0.5) / 10_000
    return 2 * (textbook(t, 1, 0) ** 2).mean() * (slopes() ** 2).mean()


@given(st.integers(0, 15), st.integers(0, 15), st.integers(0, 2**24 - 1))
def test_noise_is_perlins(left, right, place):
    value = perlin_1(np.uint32(place | left << 24 | right << 28))
    assert value == pytest.approx(textbook(place / 2**24, slopes()[left], slopes()[right]), abs=2e-6)
    assert abs(value) <= 1 + 1e-6


def test_noise_is_zero_at_lattice_points():
    for slopes_at_ends in range(256):
        first = slopes_at_ends << 24
        assert perlin_1(np.uint32(first)) == 0
        assert perlin_1(np.uint32(first | 2**24 - 1)) == pytest.approx(0, abs=2e-6)


# Pictures.


@pytest.mark.parametrize("size", [64, 256])
def test_the_only_line_of_a_still_category_is_an_ellipse_around_the_centre(size):
    still = VisualAtom(lines_high=1, noise_high=0, offset_high=0, waves_high=0)
    pictures = still.draw(range(40), size)
    for picture, params in zip(pictures.pixels, pictures.params, strict=True):
        rows, columns = np.nonzero(picture[..., 0])
        radii = [params["radius"] * params[f"oval_{axis}"] * size / 512 for axis in "xy"]
        x = columns + 0.5 - params["centre_x"] * size / 512
        y = rows + 0.5 - params["centre_y"] * size / 512
        scaled = np.hypot(x / radii[0], y / radii[1])
        # The corners of a pixel, and of a step to the side, are within a pixel of the line.
        assert np.abs(scaled - 1).max() < 1.2 / min(radii)
        assert len(np.unique(picture)) == 2


@pytest.mark.parametrize("family", BOTH)
def test_lines_are_gray_on_their_ground(family):
    pixels = family().draw(range(60), 64).pixels
    assert np.all(pixels == pixels[..., :1])
    assert np.bincount(pixels[:, 0, 0, 0]).argmax() == family.ground == np.bincount(pixels.ravel()).argmax()
    drawn = pixels[pixels != family.ground]
    assert np.ptp(drawn) >= 253
    assert drawn.mean() == pytest.approx(127.5, abs=10)


@pytest.mark.parametrize("family", BOTH)
def test_lengths_scale_with_the_picture(family):
    """The same contours at any size: what is drawn begins and ends at the same places."""
    for seed in range(30):
        ends = []
        for size in (128, 256):
            rows, columns = np.nonzero(family().draw([seed], size).pixels[0, ..., 0] != family.ground)
            ends.append(np.array([rows.min(), rows.max() + 1, columns.min(), columns.max() + 1]) / size)
        assert ends[0] == pytest.approx(ends[1], abs=2.5 / 128)


@pytest.mark.parametrize("size", [16, 33])
def test_a_speck_or_a_line_like_its_ground_is_drawn_again(size):
    """One line in 256 has the ground's gray; contours of no radius are one pixel, perhaps outside."""
    specks = Rcdb(lines_high=1, radius_high=0, noise_high=0)
    pixels = specks.draw(range(1500), size).pixels.reshape(1500, -1)
    assert np.all(pixels.min(1) < pixels.max(1))
