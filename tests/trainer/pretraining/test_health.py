from dataclasses import replace

import pytest
import torch
from PIL import Image

from tests.drawn import draw
from tests.shallow import SHALLOW, shallow_settings
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder
from trainer.pretraining.health import effective_rank, errors_by_row
from trainer.pretraining.pretrain import pretrain
from trainer.training.metrics_log import read_metrics


@pytest.mark.numerical
@pytest.mark.parametrize("rank", [1, 3, 16])
def test_the_effective_rank_is_how_many_directions_are_used_alike(rank):
    basis, _ = torch.linalg.qr(torch.randn(64, 16, dtype=torch.float64))
    other, _ = torch.linalg.qr(torch.randn(16, 16, dtype=torch.float64))
    features = basis[:, :rank] @ other[:rank]
    assert effective_rank(features) == pytest.approx(rank, rel=1e-3)
    assert effective_rank(7 * features) == pytest.approx(rank, rel=1e-3)


@pytest.mark.numerical
def test_a_direction_used_less_counts_less():
    features = torch.diag(torch.tensor([3.0, 1.0]))
    entropy = -(0.75 * torch.tensor(0.75).log() + 0.25 * torch.tensor(0.25).log())
    assert effective_rank(features) == pytest.approx(entropy.exp().item(), rel=1e-4)


@pytest.mark.numerical
def test_errors_of_rows_make_up_the_error_of_all():
    model = MaskedAutoencoder(
        build_encoder(SHALLOW, input_size=(24, 32), patch_size=(8, 8), channels=1)
    ).eval()
    images = torch.randn(40, 1, 24, 32)
    result = model(images, torch.Generator().manual_seed(1))
    rows = errors_by_row(model, images, torch.Generator().manual_seed(1))
    assert rows.shape == (3,)
    hidden = result.mask.unflatten(1, (3, 4)).sum((0, 2))
    assert ((rows * hidden).sum() / hidden.sum()).item() == pytest.approx(result.error.item(), rel=1e-4)
    images[:, :, :8] *= 10  # the first row is the hardest to draw
    harder = errors_by_row(model, images, torch.Generator().manual_seed(1))
    assert harder.argmax() == 0
    assert harder[0] > 20 * rows[0]


def test_looking_changes_nothing_and_goes_on(tmp_path):
    """Losses are those of a run that does not look; a run that stopped looks as one that did not."""
    patterns = draw(tmp_path / "set", count=24, size=24, seed=1)
    config = shallow_settings(patterns, tmp_path / "whole", log_every=3, health_every=2)
    pretrain(config)
    pretrain(replace(config, out=str(tmp_path / "blind"), health_every=0))
    pretrain(replace(config, out=str(tmp_path / "parts"), stop_at=3))
    pretrain(replace(config, out=str(tmp_path / "parts")))
    whole, blind, parts = (read_metrics(tmp_path / name) for name in ("whole", "blind", "parts"))
    assert [row["step"] for row in whole if "rankme" in row] == [2, 4, 6]
    told = ("step", "loss", "rankme", "error_row_0", "error_row_1")
    assert [[row.get(name) for name in told] for row in parts] == [
        [row.get(name) for name in told] for row in whole
    ]
    assert [row["loss"] for row in blind] == [row["loss"] for row in whole if row["step"] in (3, 6)]
    with Image.open(tmp_path / "whole/health.png") as figure:
        assert figure.width > 500
    assert not (tmp_path / "blind/health.png").exists()
