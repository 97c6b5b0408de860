"""From samples to inputs."""

import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import RandomResizedCrop

from patterngen import family
from patterngen.encode import Encoding, encode
from trainer.data.contract import Sample
from trainer.data.pixels import Framing, _part, luma, scaled
from trainer.errors import TrainerError


@pytest.fixture(scope="module")
def picture():
    return family("dead-leaves-mixed").draw([5], 64).pixels[0]


def sample(pixels, key="0", epoch=0):
    return Sample("somewhere", key, epoch, pixels)


def inputs(pixels, number, **settings):
    framing = Framing(**{"size": (24, 16), "channels": 3} | settings)
    return [framing(sample(pixels, key=str(key))) for key in range(number)]


# --- crops -------------------------------------------------------------------------------------


def test_a_crop_is_a_part_of_its_picture_mirrored_or_not(picture):
    windows = np.lib.stride_tricks.sliding_window_view(picture, (24, 16), axis=(0, 1))
    for crop in inputs(picture, 12):
        assert (windows == crop).all(axis=(2, 3, 4)).any()
    for crop in inputs(picture, 12, mirror=True):
        either = [(windows == turned).all(axis=(2, 3, 4)).any() for turned in (crop, crop[:, :, ::-1])]
        assert sum(either) == 1


@pytest.mark.parametrize("augment", ["crop", "mae", "none"])
def test_half_of_the_pictures_are_mirrored_if_asked_and_none_if_not(augment):
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[None, :, None], (64, 64, 3))
    turned = {
        mirror: sum(
            crop[0, 0, 0] > crop[0, 0, -1] for crop in inputs(ramp, 400, augment=augment, mirror=mirror)
        )
        for mirror in (False, True)
    }
    assert turned[False] == 0
    assert 150 < turned[True] < 250


def test_mirroring_changes_nothing_else(picture):
    pairs = zip(inputs(picture, 12), inputs(picture, 12, mirror=True), strict=True)
    assert all(
        any(np.array_equal(plain, each) for each in (other, other[:, :, ::-1])) for plain, other in pairs
    )


def test_none_is_the_middle(picture):
    middle = picture[20:44, 24:40].transpose(2, 0, 1)
    assert all(np.array_equal(crop, middle) for crop in inputs(picture, 3, augment="none"))


@pytest.mark.parametrize("augment", ["crop", "mae"])
def test_chance_follows_from_seed_pass_and_key_alone(picture, augment):
    framing = Framing(size=(24, 16), channels=3, augment=augment, seed=1)
    first = framing(sample(picture))
    framing(sample(picture, key="1"))
    assert np.array_equal(first, framing(sample(picture)))
    others = (framing(sample(picture, key="1")), framing(sample(picture, epoch=1)))
    others += (Framing(size=(24, 16), channels=3, augment=augment, seed=2)(sample(picture)),)
    assert not any(np.array_equal(first, other) for other in others)


# --- the published augmentation ----------------------------------------------------------------


def coordinates(height, width):
    """A picture whose pixels say where they are."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows, columns, rows], axis=2).astype(np.uint8)


def test_parts_have_the_published_areas_and_aspects():
    chance = random.Random(0)
    parts = [_part(coordinates(200, 200), chance).shape for _ in range(2000)]
    areas = np.array([h * w / 200**2 for h, w, _ in parts])
    aspects = np.log([w / h for h, w, _ in parts])
    assert areas.min() > 0.19
    assert np.abs(aspects).max() < np.log(4 / 3) + 0.02
    assert abs(aspects.mean()) < 0.02
    # As many as torchvision draws in each fifth of the areas.
    torch.manual_seed(0)
    theirs = [
        RandomResizedCrop.get_params(torch.zeros(3, 200, 200), [0.2, 1.0], [3 / 4, 4 / 3])
        for _ in range(2000)
    ]
    edges = np.linspace(0.2, 1, 6)
    ours = np.histogram(areas, edges)[0]
    published = np.histogram([h * w / 200**2 for _, _, h, w in theirs], edges)[0]
    assert np.abs(ours - published).max() < 100  # 3 standard deviations are 85


def test_a_part_of_a_strip_is_its_middle_square():
    part = _part(coordinates(10, 200), random.Random(3))
    assert part.shape[0] <= 10
    assert part.size


@given(height=st.integers(8, 70), width=st.integers(8, 70), channels=st.sampled_from([1, 3]))
def test_scaling_is_pillow_s_bicubic_to_a_few_steps(height, width, channels):
    rng = np.random.default_rng(height * 100 + width)
    smooth = np.asarray(
        Image.fromarray(rng.integers(60, 190, (6, 6, 3), np.uint8)).resize((width, height), 3)
    )
    smooth = smooth[..., :channels]
    result = scaled(smooth, (32, 24))
    assert result.shape == (32, 24, channels)
    for channel in range(channels):
        theirs = np.asarray(
            Image.fromarray(smooth[..., channel].copy()).resize((24, 32), Image.Resampling.BICUBIC)
        )
        assert np.abs(result[..., channel].astype(int) - theirs).max() <= 3


def test_smaller_pictures_are_scaled_up_by_mae_only(picture):
    assert inputs(picture, 1, size=(96, 80), augment="mae")[0].shape == (3, 96, 80)
    for augment in ("crop", "none"):
        with pytest.raises(
            TrainerError, match=r"somewhere: picture 0 is 64×64, smaller than --image-size 96x80"
        ):
            inputs(picture, 1, size=(96, 80), augment=augment)


# --- channels and decoding ---------------------------------------------------------------------


def test_luma_weighs_the_colours_by_bt_601():
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    exact = pixels @ np.array([0.299, 0.587, 0.114])
    assert np.abs(luma(pixels) - exact).max() <= 0.5 + 1e-9
    gray = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
    assert np.array_equal(luma(gray), gray[..., 0])


@pytest.mark.parametrize(("encoding", "most"), [("png", 1), ("jpg", 16), ("webp", 40)])
def test_one_channel_is_the_luma_of_what_was_encoded(picture, encoding, most):
    data = encode(picture, Encoding(format=encoding))
    gray = Framing(size=(64, 64), channels=1, augment="none")(sample(data))
    drawn = Framing(size=(64, 64), channels=1, augment="none")(sample(picture))
    assert gray.shape == drawn.shape == (1, 64, 64)
    difference = np.abs(gray.astype(int) - drawn)
    assert difference.max() <= most
    assert difference.mean() < 3


def test_what_cannot_be_decoded_is_named():
    with pytest.raises(TrainerError, match="somewhere: picture 0: a picture of 7 bytes cannot be decoded"):
        Framing(size=(8, 8), channels=3)(sample(b"no jpeg"))
