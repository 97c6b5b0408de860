"""Coloured fractals on a terrain, one or several."""

import colorsys

import numpy as np
import pytest
from scipy import ndimage, stats

from patterngen.families import family


def test_pictures_say_what_was_drawn():
    for params in family("fractal-color").draw(range(50), 32).params:
        assert params["maps"] in (2, 3, 4)
        assert (5 + params["maps"]) / 2 <= params["sigma_factor"] <= (6 + params["maps"]) / 2
        assert 0.4 <= params["decay"] <= 0.8


def test_several_fractals_are_each_described():
    pictures = family("fractal-multi").draw(range(200), 64)
    for params in pictures.params:
        assert params["fractals"] in range(1, 6)
        assert 0.4 <= params["decay"] <= 0.8
        for k in range(1, params["fractals"] + 1):
            assert params[f"maps_{k}"] in (2, 3, 4)
            low, high = (5 + params[f"maps_{k}"]) / 2, (6 + params[f"maps_{k}"]) / 2
            assert low <= params[f"sigma_factor_{k}"] <= high
            assert round(0.15 * 64) <= params[f"width_{k}"] <= round(0.6 * 64)
            for side in ("left", "top"):
                assert 0 <= params[f"{side}_{k}"] <= 64 - params[f"width_{k}"]
        assert f"maps_{params['fractals'] + 1}" not in params
    numbers = np.bincount([params["fractals"] for params in pictures.params], minlength=6)
    assert stats.chisquare(numbers[1:]).pvalue > 1e-3


def test_fractals_lie_where_they_are_said_to():
    """Fewer points change a picture in the window of its fractal and nowhere else."""
    dense, sparse = (family(f"fractal-multi?points={points}&fractals_high=1") for points in (20_000, 1000))
    dense, sparse = dense.draw(range(20), 100), sparse.draw(range(20), 100)
    for params, a, b in zip(dense.params, dense.pixels, sparse.pixels, strict=True):
        left, top, width = params["left_1"], params["top_1"], params["width_1"]
        outside = np.ones((100, 100), bool)
        outside[top : top + width, left : left + width] = False
        assert np.array_equal(a[outside], b[outside])
        assert not np.array_equal(a, b)


def test_later_fractals_cover_earlier_ones():
    """The first of two fractals and the ground are the same whether or not a second one lies over them."""
    one = family("fractal-multi?fractals_low=1&fractals_high=1&points=2000").draw(range(40), 64)
    two = family("fractal-multi?fractals_low=2&fractals_high=2&points=2000").draw(range(40), 64)
    for few, more, a, b in zip(one.params, two.params, one.pixels, two.pixels, strict=True):
        assert few.items() <= (more | {"fractals": 1}).items()
        left, top, width = more["left_2"], more["top_2"], more["width_2"]
        changed = (a != b).any(2)
        assert changed[top : top + width, left : left + width].any()
        changed[top : top + width, left : left + width] = False
        assert not changed.any()


@pytest.mark.parametrize("name", ["fractal-color", "fractal-multi"])
def test_colours_are_hues_of_one_saturation_and_value_each(name):
    """The ground has one value, and so has each fractal; no saturation is below 0.3, but for rounding."""
    pictures = family(f"{name}?points=2000").draw(range(6), 64)
    for params, picture in zip(pictures.params, pictures.pixels, strict=True):
        values = np.unique(picture.max(2))
        assert len(values) <= 1 + params.get("fractals", 1)
        assert values.min() >= 127
        saturations = [colorsys.rgb_to_hsv(*pixel)[1] for pixel in picture.reshape(-1, 3).tolist()]
        assert min(saturations) > 0.28


def test_a_fractal_fills_its_window_from_side_to_side():
    pictures = family("fractal-color?decay_low=0&decay_high=0&points=5000").draw(range(10), 64)
    for picture in pictures.pixels:
        # The ground without decay is smooth: what stands out from its surroundings is the fractal.
        lightness = picture.astype(float).sum(2)
        detail = np.abs(lightness - ndimage.median_filter(lightness, 5)) > 12
        rows, columns = np.flatnonzero(detail.any(1)), np.flatnonzero(detail.any(0))
        assert rows.min() <= 4
        assert rows.max() >= 59
        assert columns.min() <= 4
        assert columns.max() >= 59
