"""Runs on every kind of data: they go on exactly where they stopped, and count what they skip."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.shallow import shallow_settings
from trainer.errors import TrainerError
from trainer.pretraining.config import PretrainConfig
from trainer.pretraining.loop import train
from trainer.pretraining.run import Pretraining
from trainer.training.metrics_log import read_metrics


def losses(config):
    train(Pretraining(config))
    return [(row["loss"], row.get("skipped")) for row in read_metrics(Path(config.out))]


@pytest.mark.parametrize("kind", ["draw", "mixture", "skipping", "global"])
def test_losses_are_equal_to_the_last_bit(patterns, damaged, tmp_path, kind):
    tar = damaged / "train-000001.tar"
    os.truncate(tar, tar.stat().st_size // 2 if kind == "skipping" else tar.stat().st_size)
    data = {
        "draw": {"draw": ("perlin", "fbm=2")},
        "mixture": {"data": (str(patterns), f"{damaged}=2"), "augment": "mae"},
        "skipping": {"data": (str(damaged),), "skip_bad": True},
        "global": {
            "data": (str(patterns), f"{damaged}=2"),
            "order": "global",
            "pixel_cache": str(tmp_path / "cache"),
        },
    }[kind]
    config = shallow_settings(None, tmp_path / "whole", batch_size=8, **data)
    whole = losses(config)
    halved = replace(config, out=str(tmp_path / "halved"))
    losses(replace(halved, stop_at=3))
    assert [loss for loss, _ in losses(halved)] == [loss for loss, _ in whole]
    assert (whole[-1][1] or 0) > 0 if kind == "skipping" else whole[-1][1] is None


def test_what_is_drawn_of_families_has_no_epochs(tmp_path):
    with pytest.raises(TrainerError, match="--draw has no end and so no epochs: give --steps or --images"):
        PretrainConfig(draw=("perlin",), out=str(tmp_path), epochs=1)
