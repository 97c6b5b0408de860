"""Palettes: hues as in HSV, smooth ramps, and a field that uses all of them."""

import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.drawing.palette import SHADES, draw_palette, extent, hue_palette, lay, packed, paint
from patterngen.rng import stream

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


@pytest.mark.parametrize("size", [1, 2, 3, 5, 31, 32, 33, 64])
def test_every_pixel_has_the_colour_of_its_value(size):
    """Whatever the size, and so wherever a picture of a batch begins in memory."""
    palette = hue_palette(0.3, 0.9, 0.8)
    fields = np.random.default_rng(size).normal(size=(3, size, size)).astype(np.float32)
    pixels = np.empty((3, size, size, 3), np.uint8)
    for field, out in zip(fields, pixels, strict=True):
        paint(field, palette, out)
    for field, out in zip(fields, pixels, strict=True):
        low, high = field.min(), field.max()
        scale = np.float32(SHADES - 1) / (high - low) if high > low else np.float32(0)
        shades = ((field - low) * scale + np.float32(0.5)).astype(int)
        assert np.array_equal(out, palette[shades])


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=50))
def test_the_extent_is_the_least_and_the_greatest(values):
    assert extent(np.array(values, np.float32)) == (min(values), max(values))


@given(st.lists(st.integers(0, 2**24 - 1), min_size=1, max_size=40), st.integers(0, 3))
def test_colours_are_laid_as_they_were_packed(colours, offset):
    palette = np.array([[c & 255, c >> 8 & 255, c >> 16] for c in colours], np.uint8)
    shades = np.arange(len(colours), dtype=np.uint32)[::-1].copy()
    room = np.zeros(3 * len(colours) + 4, np.uint8)
    lay(shades, packed(palette), room[offset : offset + 3 * len(colours)])
    assert np.array_equal(room[offset : offset + 3 * len(colours)].reshape(-1, 3), palette[::-1])
    assert np.all(room[:offset] == 0)
    assert np.all(room[offset + 3 * len(colours) :] == 0)
