"""FractalDB: what the search accepts, and what an instance is."""

import numpy as np
import pytest
from scipy import stats

from patterngen.drawing.categories import identity_of, sample_maps
from patterngen.families import family, fractaldb
from patterngen.families.fractal_categories import find_category
from patterngen.rng import stream


def fill_of(points, size=512, margin=6):
    """Share of pixels hit, in plain NumPy."""
    inside = size - 2 * margin
    low, high = points.min(1, keepdims=True), points.max(1, keepdims=True)
    cells = np.minimum((points - low) / (high - low) * inside, inside - 1).astype(int) + margin
    return len(np.unique(cells[1] * size + cells[0])) / size**2


@pytest.mark.parametrize("category", range(5))
def test_the_search_accepts_the_first_system_that_fills_a_fifth(category):
    """Replayed: every system before the accepted one fills less, and that one enough, counted anew."""
    s = stream(identity_of(3, category))
    few, points = np.empty((2, 25_000), np.float32), np.empty((2, 100_000), np.float32)
    hits = np.empty((512, 512), np.uint8)
    while True:
        system = sample_maps(s, 6)
        if fractaldb.fill_rate(s, system, few, hits) < 0.05:
            continue
        rate = fractaldb.fill_rate(s, system, points, hits)
        # A point on the border of two pixels may be counted for either.
        assert rate == pytest.approx(fill_of(points.astype(float)), abs=2e-3)
        if rate >= 0.2:
            break
    assert np.array_equal(system, find_category(fractaldb.search, 3, category))
    assert fill_of(points.astype(float)) > 0.199


def test_passing_over_early_misses_nothing():
    """No system of which a quarter of the points hits less than a quarter of enough is filled by all."""
    s = stream(np.uint64(8))
    few, points = np.empty((2, 25_000), np.float32), np.empty((2, 100_000), np.float32)
    hits = np.empty((512, 512), np.uint8)
    passed = [
        system for _ in range(300) if fractaldb.fill_rate(s, system := sample_maps(s, 6), few, hits) < 0.05
    ]
    assert len(passed) > 100
    assert max(fractaldb.fill_rate(s, system, points, hits) for system in passed) < 0.2


def test_parameters_of_a_category_are_uniform():
    drawn = [sample_maps(stream(np.uint64(seed)), 6) for seed in range(2000)]
    numbers = np.concatenate([system.ravel() for system in drawn])
    assert stats.kstest(numbers, stats.uniform(-1, 2).cdf).pvalue > 1e-3
    maps = np.bincount([len(system) for system in drawn], minlength=8)
    assert maps[:2].sum() == 0
    assert stats.chisquare(maps[2:]).pvalue > 1e-3


def test_a_category_is_the_same_whenever_it_is_found():
    forwards = [find_category(fractaldb.search, 5, k).copy() for k in range(6)]
    find_category.cache_clear()
    backwards = [find_category(fractaldb.search, 5, k) for k in reversed(range(6))][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(forwards, backwards, strict=True))
    assert len({system.tobytes() for system in forwards}) == 6
    assert not np.array_equal(find_category(fractaldb.search, 6, 0), forwards[0])


def test_found_categories_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        find_category(fractaldb.search, 5, 0)[0, 0] = 1.0


def test_the_number_of_categories_does_not_change_them():
    """A category's picture is the same among ten as among three."""
    few, many = (family(f"ofdb?points=2000&categories={number}") for number in (3, 10))
    pictures = {}
    for drawer in (few, many):
        drawn = drawer.draw(range(30), 32)
        for category, picture in zip(drawn.class_id, drawn.pixels, strict=True):
            pictures.setdefault(int(category), set()).add(picture.tobytes())
    assert set(pictures) == set(range(10))
    assert all(len(seen) == 1 for seen in pictures.values())


def test_rows_of_weights_are_the_identity_and_24_others():
    system = np.random.default_rng(0).uniform(-1, 1, (4, 6))
    rows = [fractaldb.weighted(system, row) / system for row in range(25)]
    assert np.all(rows[0] == 1)
    found = set()
    for ratio in rows[1:]:
        assert np.allclose(ratio, ratio[0])  # all maps alike
        (number,) = np.flatnonzero(~np.isclose(ratio[0], 1))
        found.add((int(number), round(float(ratio[0, number]), 9)))
    assert found == {(number, weight) for number in range(6) for weight in (0.2, 0.6, 1.4, 1.8)}


def test_classes_and_instances_are_equally_likely():
    pictures = family("fractaldb?points=1000&categories=4").draw(range(3000), 16)
    assert stats.chisquare(np.bincount(pictures.class_id, minlength=4)).pvalue > 1e-3
    for key, choices in (("patch", 10), ("flip", 4)):
        counts = np.bincount([params[key] for params in pictures.params], minlength=choices)
        assert len(counts) == choices
        assert stats.chisquare(counts).pvalue > 1e-3
    assert {params["weight_row"] for params in pictures.params} <= set(range(25))


def test_an_instance_is_one_picture():
    """Category, row, patch and flip say all: equal ones are equal pictures, others differ."""
    drawer = family("fractaldb?points=2000&categories=2&patches=2")
    pictures = drawer.draw(range(400), 32)
    seen = {}
    for category, params, picture in zip(pictures.class_id, pictures.params, pictures.pixels, strict=True):
        key = (int(category), params["weight_row"], params["patch"], params["flip"])
        seen.setdefault(key, set()).add(picture.tobytes())
    assert len(seen) > 200
    assert all(len(each) == 1 for each in seen.values())
    assert len(set.union(*seen.values())) == len(seen)


def test_flips_mirror_the_fractal():
    drawer = family("fractaldb?points=20000&categories=1&patches=1&stamp=point")
    pictures = drawer.draw(range(1200), 64)
    shapes = {}
    for params, picture in zip(pictures.params, pictures.pixels, strict=True):
        shapes.setdefault(params["weight_row"], {})[params["flip"]] = picture[..., 0] > 0
    complete = [flips for flips in shapes.values() if len(flips) == 4]
    assert len(complete) > 5
    for flips in complete:
        for flip, view in ((1, np.s_[:, ::-1]), (2, np.s_[::-1]), (3, np.s_[::-1, ::-1])):
            assert (flips[0] != flips[flip][view]).mean() < 0.05


def test_pictures_are_gray_on_black():
    for stamp in ("patch", "point"):
        pixels = family(f"fractaldb?points=5000&categories=3&stamp={stamp}").draw(range(10), 40).pixels
        assert set(np.unique(pixels)) == {0, 127}


@pytest.mark.parametrize("maps", [2, 7])
def test_a_system_that_runs_off_under_every_weight_is_still_drawn(maps):
    system = np.full((maps, 6), 30.0)
    system[:, 1:3] = 0.0
    pixels = np.empty((32, 32, 3), np.uint8)
    points = np.empty((2, 5000), np.float32)
    s, _ = fractaldb.follow_instance(1, system, 4, 0, points)
    fractaldb._show(s, points, 0, True, pixels)
    assert set(np.unique(pixels)) <= {0, 127}


def test_weights_under_which_points_run_off_are_passed_over():
    """Points of (x, y) → 0.9 (x, y) ± 1 stay; under a weight of 1.4 or 1.8 on a or d they do not."""
    system = np.array([(0.9, 0, 0, 0.9, 1.0, 0.3), (0.9, 0, 0, 0.9, -1.0, 0.1)])
    points = np.empty((2, 20_000), np.float32)
    applied = [fractaldb.follow_instance(1, system, row, 0, points)[1] for row in range(25)]
    running = {1 + 4 * number + place for number in (0, 3) for place in (2, 3)}
    assert [row in running for row in range(25)] == [row != kept for row, kept in enumerate(applied)]
    assert not running & set(applied)


def test_ofdb_is_the_first_instance_of_each_category():
    whole = family("fractaldb?points=2000&categories=1&patches=1").draw(range(200), 32)
    (one,) = family("ofdb?points=2000&categories=1").draw([0], 32).pixels
    plain = {"weight_row": 0, "patch": 0, "flip": 0}
    same = [np.array_equal(picture, one) for picture in whole.pixels]
    assert same == [plain.items() <= params.items() for params in whole.params]
    assert any(same)


def test_class_ids_are_pinned():
    """Labels are an interface: a set drawn today and one drawn tomorrow agree on what class 3 is."""
    drawn = family("fractaldb").draw([0, 1, 2, 3], 1).class_id.tolist()
    assert drawn == family("ofdb").draw([0, 1, 2, 3], 1).class_id.tolist()
    assert drawn == [324, 811, 765, 51]
    assert family("fractaldb?categories=77").num_classes == 77
