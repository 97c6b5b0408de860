"""`smooth`: its transform, its filters, and what it promises of the pictures it filters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.fft import dctn

from patterngen.drawing import filters as f
from patterngen.drawing.cosine import CosineTransform, place
from patterngen.drawing.tv_matcher import TVMatcher
from patterngen.errors import PatternGenError
from patterngen.families import family, known_families
from patterngen.families.model.wrapper import Wrapper
from patterngen.families.smooth import Smooth
from patterngen.metrics import total_variation
from tests.patterngen.families.strategies import SIZES, ready

CPU = [n for n, c in known_families().items() if c.repeats == "everywhere" and not issubclass(c, Wrapper)]


def noise(size, seed=0, width=None):
    return np.random.default_rng(seed).integers(0, 256, (size, width or size, 3), np.uint8)


def filtered(picture, response):
    """Filter a picture without any stretch; return float channels [y, x, 3]."""
    transform = CosineTransform(*picture.shape[:2])
    out = np.empty((3, *response.shape), np.float32)
    f.respond(transform.forward(picture), response, 1.0, out)
    down, across = ([place(i, size) for i in range(size)] for size in picture.shape[:2])
    return transform.inverse(out)[:, down][:, :, across].transpose(1, 2, 0)


def low_pass(size, sigma):
    response = np.empty((size, size), np.float32)
    f.low_pass(sigma, response)
    return response


# Filters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 16, 17, 30, 61, 64, (5, 16), (30, 7), (1, 12), (12, 1)])
def test_the_transform_is_the_orthonormal_dct_and_its_inverse_undoes_it(size):
    height, width = size if isinstance(size, tuple) else (size, size)
    picture = noise(height, width=width)
    transform = CosineTransform(height, width)
    coefficients = transform.forward(picture)
    reference = [dctn(picture[..., channel].astype(float), norm="ortho").T for channel in range(3)]
    assert np.allclose(coefficients, reference, atol=1e-4 * max(height, width))
    assert np.allclose(filtered(picture, np.ones((width, height), np.float32)), picture, atol=0.01)


@pytest.mark.parametrize("sigma", [1.5, 2.5, 8.0])
def test_the_low_pass_is_a_gaussian_blur_with_mirrored_edges(sigma):
    picture = noise(48)
    # SciPy samples the Gaussian in space, we in frequency: from σ = 1.5 on they agree.
    blurred = ndimage.gaussian_filter(picture.astype(float), (sigma, sigma, 0), mode="reflect", truncate=8)
    assert np.abs(filtered(picture, low_pass(48, sigma)) - blurred).max() < 0.05


@pytest.mark.parametrize("beta", [0.5, 1.0, 3.0])
def test_the_tilt_is_a_power_of_frequency(beta):
    response = np.empty((40, 40), np.float32)
    f.spectral_tilt(beta, f.radii(40, 40), response)
    radius = np.hypot(*np.mgrid[:40, :40])
    assert np.allclose(response[1:, 1:], ((radius / 40) ** beta)[1:, 1:], rtol=0.01)
    assert response[0, 0] == 1


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.floats(0.8, 40), st.booleans())
def test_blurring_never_raises_total_variation(seed, sigma, blocky):
    picture = noise(32, seed)
    if blocky:
        picture = np.kron(picture[:8, :8], np.ones((4, 4, 1), np.uint8))

    def variation(channels):
        return sum(np.abs(np.diff(channels.astype(float), axis=axis)).sum() for axis in (0, 1))

    assert variation(filtered(picture, low_pass(32, sigma))) <= variation(picture) * (1 + 1e-3)


# The family ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CPU)
def test_the_asked_value_is_reached_or_the_params_say_so(name):
    inner = ready(name)
    size = SIZES.get(name, (48,))[-1]
    pictures = inner.draw(range(3), size)
    given_tv = total_variation(pictures.pixels).tv
    matcher = TVMatcher(size, size, stretch=4.0)
    for factor in (0.3, 0.9, 1.3, 4.0):
        for picture, tv in zip(pictures.pixels, given_tv, strict=True):
            filtered, asked = picture.copy(), min(2.0, factor * tv)
            match = matcher.match(filtered, asked)
            reached = total_variation(filtered[None]).tv[0]
            assert match.reached == (abs(reached - asked) <= 0.02 * asked)
            assert abs(reached - asked) <= abs(tv - asked)
            assert match.reached or factor > 1 or tv == 0, "smoother can always be had"


@settings(max_examples=20)
@given(
    st.sampled_from(["dead-leaves-mixed", "fbm", "stat-spectrum"]),
    st.integers(0, 2**63 - 1),
    st.floats(0.004, 0.06),
)
def test_usual_values_are_reached_by_usual_families(name, seed, tv):
    pictures = family(f"smooth:{name}?tv={tv!r}").draw([seed], 96)
    (params,) = pictures.params
    assert params["smooth_tv"] == tv
    assert params["smooth_reached"]
    assert total_variation(pictures.pixels).tv[0] == pytest.approx(tv, rel=0.02)


def test_a_picture_at_its_own_value_stays_as_it_is():
    picture = family("fbm").draw([5], 64).pixels[0]
    filtered = picture.copy()
    match = TVMatcher(64, 64, stretch=4.0).match(filtered, total_variation(picture[None]).tv[0])
    assert (match.sigma, match.tilt, match.contrast, match.reached) == (0, 0, 1, True)
    assert np.array_equal(filtered, picture)


def blocks(pixels, side):
    """Average squares of pixels, which leaves the low frequencies."""
    n, size, _, _ = pixels.shape
    return pixels.reshape(n, size // side, side, size // side, side, 3).mean((2, 4))


def correlations(some, others):
    return [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(some, others, strict=True)]


@pytest.mark.parametrize("name", ["dead-leaves-mixed", "fractal-color"])
def test_equal_seeds_give_matched_pictures_which_share_their_low_frequencies(name):
    rough, smooth = (family(f"smooth:{name}?tv={tv}").draw(range(6), 96).pixels for tv in (0.07, 0.02))
    alike = correlations(blocks(rough, 12), blocks(smooth, 12))
    assert min(alike) > 0.8
    strangers = family(f"smooth:{name}?tv=0.02").draw(range(6, 12), 96).pixels
    assert np.mean(correlations(blocks(rough, 12), blocks(strangers, 12))) < min(alike)


@pytest.mark.parametrize("tv", [0.02, 0.03, 0.08])
def test_mean_and_contrast_are_kept(tv):
    before = family("dead-leaves-mixed").draw(range(8), 96).pixels.reshape(8, -1, 3)
    drawn = family(f"smooth:dead-leaves-mixed?tv={tv}&stretch=50").draw(range(8), 96)
    after = drawn.pixels.reshape(8, -1, 3)
    assert np.abs(after.mean(1) - before.mean(1)).max() < 2
    assert np.allclose(after.std(1), before.std(1), rtol=0.03)
    assert all(params["smooth_contrast"] == pytest.approx(1, rel=0.03) for params in drawn.params)


def test_without_stretch_a_smoother_picture_is_paler_and_a_narrower_blur_does():
    plain = family("dead-leaves-mixed").draw(range(4), 64).pixels
    paler = family("smooth:dead-leaves-mixed?tv=0.01&stretch=1").draw(range(4), 64)
    kept = family("smooth:dead-leaves-mixed?tv=0.01").draw(range(4), 64)
    for before, after, some, all_of_it in zip(plain, paler.pixels, paler.params, kept.params, strict=True):
        assert some["smooth_contrast"] == pytest.approx(after.std() / before.std(), rel=0.2)
        assert some["smooth_contrast"] < all_of_it["smooth_contrast"]
        assert some["smooth_sigma"] < all_of_it["smooth_sigma"]


def test_a_range_is_drawn_from_uniformly_and_apart_from_what_the_family_draws():
    params = family("smooth:perlin?tv_low=0.01&tv_high=0.05").draw(range(400), 16).params
    asked = np.array([p["smooth_tv"] for p in params])
    assert asked.min() >= 0.01
    assert asked.max() <= 0.05
    # Kolmogorov and Smirnov, 400 draws: 0.1 is exceeded once in 1 500.
    assert np.abs(np.sort((asked - 0.01) / 0.04) - np.arange(0.5, 400) / 400).max() < 0.1
    assert abs(np.corrcoef(asked, [p["frequency"] for p in params])[0, 1]) < 0.2


def test_what_cannot_be_reached_is_left_at_the_nearest_and_told():
    plain = total_variation(family("perlin").draw(range(4), 48).pixels).tv
    pictures = family("smooth:perlin?tv=2").draw(range(4), 48)
    assert not any(params["smooth_reached"] for params in pictures.params)
    assert np.all(total_variation(pictures.pixels).tv > plain)


@pytest.mark.parametrize("size", [1, 16])
def test_a_flat_picture_stays_flat(size):
    gray = np.full((size, size, 3), 77, np.uint8)
    assert not TVMatcher(size, size, stretch=4.0).match(gray, 0.1).reached
    assert np.all(gray == 77)
    assert TVMatcher(size, size, stretch=4.0).match(gray, 0.0).reached


def test_classes_seed_group_and_version_are_the_family_s():
    inner, smooth = family("visual-atom"), family("smooth:visual-atom")
    assert smooth.num_classes == inner.num_classes > 1
    assert smooth.version == Smooth.version + inner.version
    assert np.array_equal(smooth.draw(range(5), 32).class_id, inner.draw(range(5), 32).class_id)
    networks = family("smooth:stylegan-random")
    assert (networks.seed_group, networks.repeats) == (family("stylegan-random").seed_group, "per renderer")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("smooth:perlin?tv=2.1", r"tv_low=2.1.*\[0, 2\]"),
        ("smooth:perlin?tv=-0.1", r"tv_low=-0.1.*\[0, 2\]"),
        ("smooth:perlin?tv=nan", "tv_low=nan"),
        ("smooth:perlin?tv_low=0.2&tv_high=0.1", "tv_low=0.2&tv_high=0.1"),
        ("smooth:perlin?stretch=0.5", "stretch=0.5"),
    ],
)
def test_impossible_requests_name_the_range(text, words):
    with pytest.raises(PatternGenError, match=words):
        family(text)
