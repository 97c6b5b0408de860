"""Learning the classes of pictures instead of hidden patches."""

import math

import pytest

from tests.drawn import draw
from tests.shallow import shallow_settings
from trainer.errors import TrainerError
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.run import Pretraining
from trainer.training.metrics_log import read_metrics


def test_classes_are_learned_from_shards(tmp_path):
    on_black, on_white = "visual-atom?categories=1", "rcdb?categories=1"
    patterns = draw(tmp_path / "set", on_black, on_white, count=48, size=24, samples_per_shard=24)
    learning = {"target": "classes", "mask_ratio": 0, "steps": 60, "batch_size": 8, "lr": 3e-3}
    run = pretrain(shallow_settings(patterns, tmp_path / "run", **learning))
    told = [row["loss"] for row in read_metrics(run)]
    assert told[0] == pytest.approx(math.log(2), rel=1e-3)
    assert sum(told[-10:]) / 10 < 0.5 * math.log(2)


def test_classes_of_pictures_of_one_class_are_refused(tmp_path):
    with pytest.raises(TrainerError, match="--target classes needs pictures of two classes or more"):
        Pretraining(shallow_settings(None, tmp_path / "run", target="classes", draw=("perlin",)))
    assert not (tmp_path / "run").exists()


def test_a_class_beyond_the_dataset_s_table_is_named(patterns, tmp_path):
    training = Pretraining(shallow_settings(patterns, tmp_path / "run", target="classes"))
    batch = next(training.batches)
    with pytest.raises(TrainerError, match=r"of class 2, but its dataset's classes\.json ends at 1"):
        training.take_step([batch._replace(classes=batch.classes * 0 + 2)])
