import numpy as np
import pytest
import torch
from PIL import Image

from trainer.pretraining import plots


def test_a_loss_curve_is_drawn_of_any_number_of_rows(tmp_path):
    for count in (0, 1, 50):
        rows = [{"step": i + 1, "loss": 1 / (i + 1), "lr": 1e-3} for i in range(count)]
        plots.loss_curve(tmp_path / f"{count}.png", rows, floor=0.9)
        with Image.open(tmp_path / f"{count}.png") as picture:
            assert picture.width > 300


def test_smoothing_keeps_a_constant_and_calms_noise():
    assert plots.smoothed([]) == []
    assert plots.smoothed([2.0] * 30) == pytest.approx([2.0] * 30)
    noise = np.random.default_rng(0).standard_normal(400)
    calm = np.array(plots.smoothed(list(noise)))
    assert calm[0] == noise[0]
    assert calm[100:].std() < 0.3 * noise.std()


@pytest.fixture
def shown(monkeypatch):
    """What imshow is given."""
    seen = []
    monkeypatch.setattr(
        "matplotlib.axes.Axes.imshow", lambda _self, picture, **how: seen.append((picture, how))
    )
    return seen


def test_pictures_are_shown_as_they_are_and_the_unknown_is_gray(tmp_path, shown):
    images = torch.rand(2, 1, 16, 24)
    part = images.clone()
    part[:, :, :8] = torch.nan
    plots.reconstructions(tmp_path / "r.png", {"original": images, "masked": part})
    assert len(shown) == 4
    np.testing.assert_allclose(shown[1][0], images[1].permute(1, 2, 0).expand(-1, -1, 3))
    assert (shown[2][0][:8] == 0.5).all()
    np.testing.assert_array_equal(shown[2][0][8:], shown[0][0][8:])


def test_spectrograms_have_low_bands_below_and_the_colours_of_their_original(tmp_path, shown):
    bands = torch.linspace(-9, 0, 16)[None, None, :, None].expand(1, 1, 16, 8)
    plots.reconstructions(tmp_path / "r.png", {"original": bands, "guess": bands * 3}, spectrograms=True)
    assert [how["origin"] for _, how in shown] == ["lower", "lower"]
    assert {(how["vmin"], how["vmax"]) for _, how in shown} == {(-9.0, 0.0)}
    assert shown[1][0].min() == -27
