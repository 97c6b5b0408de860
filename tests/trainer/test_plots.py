import numpy as np
import pytest
import torch
from PIL import Image

from trainer import plots
from trainer.mae import patchify
from trainer.transfer.results import summarise


def test_a_loss_curve_is_drawn_of_any_number_of_rows(tmp_path):
    for count in (0, 1, 50):
        rows = [{"step": i + 1, "loss": 1 / (i + 1), "lr": 1e-3} for i in range(count)]
        plots.loss_curve(tmp_path / f"{count}.png", rows)
        with Image.open(tmp_path / f"{count}.png") as picture:
            assert picture.width > 300


@pytest.mark.parametrize("channels", [1, 3])
def test_a_perfect_prediction_looks_like_the_original(tmp_path, monkeypatch, channels):
    images = torch.rand(2, channels, 16, 24)
    patches = patchify(images, (8, 8))
    mask = torch.tensor([[True, False, True, True, False, False]] * 2)
    shown = []
    monkeypatch.setattr("matplotlib.axes.Axes.imshow", lambda _self, picture, **_: shown.append(picture))
    settings = {"patch_size": (8, 8), "mean": 0.0, "std": 1.0}
    plots.reconstructions(tmp_path / "r.png", images, patches, mask, **settings)
    assert len(shown) == 6  # two pictures: original, seen, reconstructed
    np.testing.assert_allclose(shown[0], shown[4], atol=1e-5)
    assert (shown[2][:8, :8] == 0.5).all()  # hidden: gray
    np.testing.assert_allclose(shown[2][:8, 8:16], shown[0][:8, 8:16])  # seen: as it is


def test_scores_are_drawn_a_panel_a_protocol(tmp_path):
    def row(encoder, protocol, *scores):
        by_seed = [{"fold 1": score, "fold 2": score / 2} for score in scores]
        return summarise(
            by_seed, task="fsdd", protocol=protocol, encoder=encoder, metric="accuracy", clips=9, seconds=1
        )

    results = [row(name, "linear", 0.5, 0.6) for name in ("log-mel floor", "random", "smooth")]
    plots.scores(tmp_path / "one.png", results)
    plots.scores(tmp_path / "two.png", [*results, row("scratch", "finetune (last)", 0.4)])
    with Image.open(tmp_path / "one.png") as one, Image.open(tmp_path / "two.png") as two:
        assert two.width > one.width
