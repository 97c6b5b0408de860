import numpy as np
import pytest
import torch
from PIL import Image

from trainer import plots
from trainer.transfer.results import summarise


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


def test_a_heat_map_is_drawn_with_blanks(tmp_path):
    plots.heat_map(
        tmp_path / "map.png",
        [[0.5, float("nan"), 1.0]],
        rows=["0.5"],
        columns=["4", "8", "16"],
        titles=("mask ratio", "patch", "loss"),
        low_is_good=True,
    )
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.width > 300


def test_scores_are_drawn_a_panel_a_protocol(tmp_path, evaluated):
    def row(encoder, protocol, *scores):
        by_seed = [{"fold 1": score, "fold 2": score / 2} for score in scores]
        return summarise(evaluated(by_seed, encoder=encoder, protocol=protocol))[0]

    results = [row(name, "linear", 0.5, 0.6) for name in ("floor", "random", "smooth")]
    plots.scores(tmp_path / "one.png", results)
    plots.scores(tmp_path / "two.png", [*results, row("scratch", "finetune (last)", 0.4)])
    with Image.open(tmp_path / "one.png") as one, Image.open(tmp_path / "two.png") as two:
        assert two.width > one.width


def test_layers_are_a_line_for_each_encoder_and_pooling(tmp_path, evaluated, monkeypatch):
    def row(encoder, protocol, *scores):
        return summarise(
            evaluated([{"split": score} for score in scores], encoder=encoder, protocol=protocol)
        )[0]

    results = [row("floor", "linear", 0.4), row("floor", "knn", 0.9)]
    for encoder, base in (("random", 0.2), ("smooth", 0.3)):
        for kind, more in (("", 0.0), (" (layer 7)", 0.1), (" (mean)", 0.2), (" (layer 7, concat+std)", 0.3)):
            results += [row(encoder, f"linear{kind}", base + more), row(encoder, f"knn{kind}", 0.9)]
    lines = {}
    monkeypatch.setattr(
        "matplotlib.axes.Axes.plot",
        lambda _self, x, y, label, **how: lines.update({label: ([*zip(x, y, strict=True)], how["color"])}),
    )
    plots.by_layer(tmp_path / "layers.png", results)
    gray = lines["random"][1]
    assert {name: colour == gray for name, (_, colour) in lines.items()} == {
        **dict.fromkeys(("random", "random, mean", "random, concat+std"), True),
        **dict.fromkeys(("smooth", "smooth, mean", "smooth, concat+std"), False),
    }
    assert [score for _, score in lines["smooth"][0]] == pytest.approx([40, 30])  # layer 7, then norm
    assert [score for _, score in lines["smooth, concat+std"][0]] == pytest.approx([60])
