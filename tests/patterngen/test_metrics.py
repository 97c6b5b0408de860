"""Total Variation: its known values, its symmetries, its bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from patterngen.errors import PatternGenError
from patterngen.metrics import total_variation

pictures = arrays(np.uint8, st.tuples(st.just(2), st.integers(2, 9), st.integers(2, 9), st.just(3)))
LUMA = np.array([0.299, 0.587, 0.114])


@given(st.tuples(*[st.integers(0, 255)] * 3), st.integers(1, 40), st.integers(1, 40))
def test_a_flat_picture_does_not_vary(colour, height, width):
    flat = np.broadcast_to(np.uint8(colour), (1, height, width, 3))
    measured = total_variation(np.ascontiguousarray(flat))
    assert measured.tv == measured.tv_iso == measured.tv_rgb == 0


@pytest.mark.parametrize("size", [2, 7, 64])
def test_a_checkerboard_of_pixels_has_two(size):
    board = (np.indices((size, size)).sum(0) % 2 * 255).astype(np.uint8)
    measured = total_variation(np.repeat(board[None, :, :, None], 3, axis=3))
    assert measured.tv == pytest.approx(2, abs=1e-12)
    assert measured.tv_iso == pytest.approx(np.sqrt(2), rel=1e-6)
    assert measured.tv_rgb == pytest.approx(2, abs=1e-12)


def test_white_noise_has_044():
    noise = np.random.default_rng(0).integers(0, 256, (4, 256, 256, 3), dtype=np.uint8)
    measured = total_variation(noise)
    assert measured.tv.mean() == pytest.approx(0.44, abs=0.005)
    # |a − b| of two independent uniform numbers has mean 1/3, twice per pixel.
    assert measured.tv_rgb.mean() == pytest.approx(2 / 3, abs=0.005)


@pytest.mark.parametrize("step", [1, 3])
def test_a_ramp_has_its_slope(step):
    ramp = np.broadcast_to((np.arange(80) * step).astype(np.uint8)[None, :, None], (1, 80, 80, 3))
    measured = total_variation(np.ascontiguousarray(ramp))
    assert measured.tv == measured.tv_iso == pytest.approx(step / 255)


@given(pictures)
def test_equals_its_definition_in_plain_numpy(pixels):
    values = pixels / 255
    measured = total_variation(pixels)
    luma = values @ LUMA
    dx, dy = (luma[:, :-1, 1:] - luma[:, :-1, :-1]), (luma[:, 1:, :-1] - luma[:, :-1, :-1])
    np.testing.assert_allclose(measured.tv, (abs(dx) + abs(dy)).mean((1, 2)), atol=1e-12)
    np.testing.assert_allclose(measured.tv_iso, np.sqrt(dx**2 + dy**2).mean((1, 2)), rtol=1e-6)
    dx, dy = values[:, :-1, 1:] - values[:, :-1, :-1], values[:, 1:, :-1] - values[:, :-1, :-1]
    np.testing.assert_allclose(measured.tv_rgb, (abs(dx) + abs(dy)).mean((1, 2, 3)), atol=1e-12)


@given(pictures)
def test_does_not_change_when_the_picture_is_transposed(pixels):
    one, other = total_variation(pixels), total_variation(pixels.transpose(0, 2, 1, 3))
    np.testing.assert_array_equal(one.tv, other.tv)
    np.testing.assert_array_equal(one.tv_rgb, other.tv_rgb)
    np.testing.assert_allclose(one.tv_iso, other.tv_iso, rtol=1e-6)


@given(pictures)
def test_isotropic_and_anisotropic_bound_each_other(pixels):
    measured = total_variation(pixels)
    assert np.all(measured.tv_iso <= measured.tv * (1 + 1e-6))
    assert np.all(measured.tv <= np.sqrt(2) * measured.tv_iso * (1 + 1e-6))


@given(pictures)
def test_gray_pictures_vary_as_much_as_their_channels(pixels):
    gray = np.repeat(pixels[..., :1], 3, axis=3)
    measured = total_variation(gray)
    np.testing.assert_allclose(measured.tv, measured.tv_rgb, atol=1e-12)


@settings(max_examples=20)
@given(arrays(np.uint8, st.tuples(st.integers(2, 5), st.just(33), st.just(17), st.just(3))))
def test_a_picture_does_not_depend_on_its_batch(pixels):
    together = total_variation(pixels)
    for n in range(len(pixels)):
        alone = total_variation(pixels[n : n + 1])
        assert (alone.tv[0], alone.tv_iso[0], alone.tv_rgb[0]) == (
            together.tv[n],
            together.tv_iso[n],
            together.tv_rgb[n],
        )


@pytest.mark.parametrize(
    "bad", [np.zeros((4, 4, 3), np.uint8), np.zeros((1, 4, 4, 3)), np.zeros((1, 4, 4, 1), np.uint8)]
)
def test_other_arrays_are_refused_with_their_shape(bad):
    with pytest.raises(PatternGenError, match="uint8"):
        total_variation(bad)
