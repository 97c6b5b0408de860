"""Palettes: hues as in HSV, smooth ramps, and a field that uses all of them."""

import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.families.palette import SHADES, draw_palette, hue_palette, paint
from patterngen.kernels import stream

unit = st.floats(0, 1)


@given(unit, unit, unit)
def test_hues_are_those_of_hsv(shift, saturation, value):
    palette = hue_palette(shift, saturation, value)
    for i in range(0, SHADES, 101):
        expected = np.array(colorsys.hsv_to_rgb((shift + i / SHADES) % 1, saturation, value)) * 255
        assert palette[i] == pytest.approx(expected, abs=0.5 + 1e-6)


@given(st.integers(0, 2**63 - 1), st.integers(2, 16))
def test_a_palette_is_smooth(seed, colours):
    palette = draw_palette(stream(np.uint64(seed)), colours).astype(int)
    # 3t² − 2t³ rises by at most 1.5 per unit of t; rounding adds one.
    steepest = 1.5 * 255 * (colours - 1) / (SHADES - 1)
    assert np.abs(np.diff(palette, axis=0)).max() <= steepest + 1


def test_one_colour_is_gray():
    palette = draw_palette(stream(np.uint64(1)), 1)
    assert np.ptp(palette, axis=1).max() == 0
    assert palette[[0, -1], 0].tolist() == [0, 255]
    assert np.all(np.diff(palette[:, 0].astype(int)) >= 0)


def test_a_field_is_stretched_over_the_palette():
    palette = draw_palette(stream(np.uint64(2)), 4)
    field = np.linspace(-3, 7, 12 * 9).reshape(12, 9).astype(np.float32)
    pixels = np.empty((12, 9, 3), np.uint8)
    paint(field, palette, pixels)
    assert np.array_equal(pixels[0, 0], palette[0])
    assert np.array_equal(pixels[-1, -1], palette[-1])
    paint(np.full((12, 9), 5, np.float32), palette, pixels)
    assert np.all(pixels == palette[0])
