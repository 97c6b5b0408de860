"""Feature visualisation: the space it climbs in, what is seen of it, and that it does climb."""

import sys
from pathlib import Path

import numpy as np
import pytest

from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.families import family
from patterngen.families.feature_vis import FeatureVisDeadLeaves, FeatureVisRandom
from tests.patterngen.families.exported import small_encoder

torch = pytest.importorskip("torch")
pytest.importorskip("timm")

from patterngen.families import torch_device  # noqa: E402
from patterngen.families.feature_vis import encoders  # noqa: E402
from patterngen.families.feature_vis.ascent import climb  # noqa: E402
from patterngen.families.feature_vis.colour_spectrum import ColourSpectrum, colour_mixing  # noqa: E402
from patterngen.families.feature_vis.views import MARGIN, draw_views, look  # noqa: E402

EXACT = torch_device.Backend(torch.device("cpu"), torch.float32, 1, "test")
STILL = torch.tensor([[0.0, 1, 0, 0, 0, 0]])


@pytest.fixture(scope="module")
def resnet():
    return encoders.untrained("resnet18", 0, EXACT)


# --- the space


@pytest.mark.parametrize("size", [1, 2, 7, 32, 65])
def test_coefficients_of_a_deviation_give_fields_of_that_deviation(size):
    generator = torch.Generator().manual_seed(0)
    space = ColourSpectrum(size, 0.5)
    n = max(4, 60_000 // size**2)
    fields = space.fields(0.01 * torch.randn(n, *space.shape, generator=generator))
    assert fields.shape == (n, 3, size, size)
    assert fields.square().mean().sqrt() == pytest.approx(0.01, rel=0.15)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.99])
def test_channels_have_the_asked_correlation(correlation):
    generator = torch.Generator().manual_seed(0)
    space = ColourSpectrum(16, correlation)
    fields = space.fields(torch.randn(2000, *space.shape, generator=generator))
    found = torch.cov(fields.transpose(0, 1).flatten(1)).numpy()
    expected = np.full((3, 3), correlation) + (1 - correlation) * np.eye(3)
    assert found == pytest.approx(expected, abs=0.06)
    root = colour_mixing(correlation).numpy()
    assert root @ root == pytest.approx(expected, abs=1e-6)


def test_mixing_back_gives_independent_channels_again():
    generator = torch.Generator().manual_seed(0)
    space, plain = ColourSpectrum(8, 0.9), ColourSpectrum(8, 0.0)
    coefficients = torch.randn(5, *space.shape, generator=generator)
    unmixed = torch.einsum("ck,nkhw->nchw", torch.linalg.inv(space.mixing), space.fields(coefficients))
    assert unmixed.numpy() == pytest.approx(plain.fields(coefficients).numpy(), abs=1e-4)


def test_amplitudes_fall_off_as_one_over_frequency():
    generator = torch.Generator().manual_seed(0)
    space = ColourSpectrum(64, 0.0)
    fields = space.fields(torch.randn(50, *space.shape, generator=generator))
    amplitude = torch.fft.rfft2(fields).abs().square().mean((0, 1)).sqrt()[0]
    frequency = np.arange(1, 32)
    assert np.polyfit(np.log(frequency), np.log(amplitude[1:32]), 1)[0] == pytest.approx(-1, abs=0.05)


def test_no_coefficients_are_gray():
    space = ColourSpectrum(5, 0.5)
    assert torch.all(space.pictures(torch.zeros(1, *space.shape)) == 0.5)


# --- views


def test_a_view_that_changes_nothing_is_the_picture_on_gray():
    picture = torch.rand(1, 3, 20, 20)
    view = look(picture, STILL)
    assert view.shape == (1, 3, 20 + MARGIN, 20 + MARGIN)
    inner = slice(MARGIN // 2, -MARGIN // 2)
    assert view[..., inner, inner].numpy() == pytest.approx(picture.numpy(), abs=1e-4)
    assert view[..., :5, :].numpy() == pytest.approx(0.5)


@pytest.mark.parametrize("column", [2, 4])
def test_a_shift_is_in_whole_pixels(column):
    picture = torch.rand(1, 3, 20, 20)
    shifted = STILL.clone()
    shifted[0, column], shifted[0, column + 1] = 3, -2
    assert torch.allclose(look(picture, shifted)[..., 2:, :-3], look(picture, STILL)[..., :-2, 3:], atol=1e-4)


def test_a_quarter_turn_turns_the_picture():
    picture = torch.rand(1, 3, 20, 20)
    quarter = STILL.clone()
    quarter[0, 0] = np.pi / 2
    turned = look(picture, quarter)
    still = look(picture, STILL)
    assert any(torch.allclose(turned, torch.rot90(still, k, (2, 3)), atol=1e-3) for k in (1, 3))


def test_scale_enlarges():
    y, x = np.mgrid[:40, :40] - 19.5
    disc = torch.tensor(np.where(np.hypot(x, y) < 8, 1.0, 0.5), dtype=torch.float32).expand(1, 3, 40, 40)
    larger = STILL.clone()
    larger[0, 1] = 1.1
    area = [(look(disc, view) - 0.5).sum().item() for view in (STILL, larger)]
    assert area[1] / area[0] == pytest.approx(1.21, rel=0.02)


def test_views_stay_in_their_ranges():
    views = draw_views(np.random.default_rng(0), 3000)
    assert np.abs(views[:, 0]).max() == pytest.approx(np.radians(10), rel=0.01)
    assert (views[:, 1].min(), views[:, 1].max()) == pytest.approx((0.9, 1.1), abs=0.001)
    assert set(np.unique(views[:, 2:4])) == set(range(-4, 5))
    assert set(np.unique(views[:, 4:6])) == set(range(-2, 3))


# --- ascent


def rise(encoder, size=48, steps=16):
    streams = [np.random.default_rng(k) for k in range(3)]
    units = [(encoder.units[0], encoder.units[0]), tuple(encoder.units[1:3]), tuple(encoder.units[3:5])]
    return climb(encoder, ColourSpectrum(size, 0.5), units, streams, steps)


def test_the_objective_rises(resnet):
    result = rise(resnet)
    assert result.objective.shape == (16, 3)
    assert torch.all(result.objective[-4:].mean(0) > 2 * result.objective[0])


def test_the_objective_of_a_transformer_rises():
    result = rise(encoders.load(Path(small_encoder()), EXACT), size=20)
    assert torch.all(result.objective[-4:].mean(0) > result.objective[:2].mean(0))


def test_pictures_of_a_batch_know_nothing_of_one_another(resnet):
    together = rise(resnet, size=16, steps=3).pictures
    space, units = ColourSpectrum(16, 0.5), resnet.units
    alone = climb(resnet, space, [(units[1], units[2])], [np.random.default_rng(1)], 3).pictures[0]
    assert torch.allclose(together[1], alone, atol=1e-3)


def test_other_units_and_networks_give_other_pictures():
    drawer = FeatureVisRandom(steps=3, model="resnet18")
    pictures = drawer.draw([1, 2, (1 << 32) + 1], 24)
    assert [row["network"] for row in pictures.params] == [0, 0, 1]
    assert len({picture.tobytes() for picture in pictures.pixels}) == 3


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 0, 0), (0.5, 0.35, 0.65), (1.0, 1, 1)])
def test_as_many_pairs_as_asked(share, low, high):
    drawer = FeatureVisRandom(pairs=share)
    chosen = [drawer._choose(np.random.default_rng(k), range(50, 100)) for k in range(200)]
    assert low <= np.mean([a != b for a, b in chosen]) <= high
    assert {a for pair in chosen for a in pair} <= set(range(50, 100))


def test_threads_do_not_change_a_picture():
    drawer = FeatureVisRandom(steps=2, model="resnet18")
    expected = drawer.draw([5], 20).pixels
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 2)
    try:
        assert np.array_equal(drawer.draw([5], 20).pixels, expected)
    finally:
        torch.set_num_threads(threads)


def test_a_trained_encoder_draws_and_is_named_in_the_params():
    drawer = family(f"feature-vis-dead-leaves?steps=2&encoder={small_encoder()}")
    assert isinstance(drawer, FeatureVisDeadLeaves)
    row = drawer.draw([3], 24).params[0]
    assert set(row) == {"encoder", "unit", "other_unit"}


def test_without_an_encoder_two_commands_are_named():
    with pytest.raises(MissingDependencyError, match=r"trainer pretrain.*trainer export.*encoder="):
        family("feature-vis-dead-leaves")
    with pytest.raises(PatternGenError, match=r"encoder=nowhere: no such file"):
        family("feature-vis-dead-leaves?encoder=nowhere")


def test_a_size_that_cannot_be_drawn_is_named():
    with pytest.raises(PatternGenError, match=r"size 2000.*1024"):
        FeatureVisRandom().draw([1], 2000)


def test_without_timm_the_remedy_is_named(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("patterngen.families.feature_vis.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingDependencyError, match=r"timm.*pip install 'patterngen\[train\]'"):
        FeatureVisRandom().draw([1], 16)
