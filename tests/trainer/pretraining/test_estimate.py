import json
import math
from dataclasses import fields

import pytest
import torch

from patterngen import RunFailedError
from tests.shallow import shallow_settings
from trainer.errors import TrainerError
from trainer.pretraining import measure
from trainer.pretraining.build import build_model
from trainer.pretraining.config import PretrainConfig
from trainer.pretraining.estimate import EstimateConfig, estimate
from trainer.pretraining.run import Pretraining


@pytest.fixture(autouse=True)
def _small_matrices(monkeypatch):
    monkeypatch.setitem(measure._SIDE, "cpu", 256)


def asked(patterns, **changes):
    special = {name: changes.pop(name) for name in ("measured_steps", "processes") if name in changes}
    config = shallow_settings(patterns, "unused", **changes)
    own = {field.name: getattr(config, field.name) for field in fields(PretrainConfig)}
    return EstimateConfig(**own | {"out": ""}, **{"measured_steps": 2} | special)


def test_an_estimate_adds_up_and_leaves_nothing(patterns, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = asked(patterns, steps=1000, accumulate=2, ema=0.9)
    found = estimate(config)
    model = build_model(config, 1)
    count = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    assert found.parameters == count
    assert found.memory.gradients == 4 * count
    assert found.memory.optimiser == 8 * count
    assert found.memory.weights == 2 * sum(weight.nbytes for weight in model.parameters())
    assert found.memory.peak > found.memory.weights
    assert found.memory.fitting_batch is None or found.memory.fitting_batch > config.batch_size
    assert (found.images, found.plan.steps, found.plan.batch) == (8000, 1000, 8)
    assert found.seconds >= 1000 * found.step_seconds
    assert math.isclose(found.images_per_second * found.seconds, found.images)
    assert 0 <= found.data_wait < 1
    assert found.measured == 2
    assert list(tmp_path.iterdir()) == []
    values = json.loads(json.dumps(found.to_json()))
    assert values["images"] == 8000
    for word in ("parameters", "optimiser", "images/s", "waiting", "1000 steps", "from 2 steps"):
        assert word in str(found)


def test_processes_share_the_pictures(patterns):
    found = estimate(asked(patterns, steps=None, epochs=2.0, measured_steps=1, processes=3))
    assert (found.plan.batch, found.plan.steps) == (12, 6)
    assert "by 3 processes" in str(found)


def test_too_large_a_batch_is_answered_with_one_that_fits(patterns, monkeypatch):
    def no_room(_training, _pictures):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    monkeypatch.setattr(Pretraining, "take_step", no_room)
    with pytest.raises(RunFailedError, match=r"out of memory with --batch-size 4 .*: 2 fits"):
        estimate(asked(patterns))


def test_settings_that_cannot_work_are_named(patterns):
    with pytest.raises(TrainerError, match="processes = 0"):
        asked(patterns, processes=0)
    with pytest.raises(TrainerError, match=r"mask ratio 0\.01 leaves"):
        estimate(asked(patterns, mask_ratio=0.01))
