"""How long a run is and how fast it learns: its settings, brought to optimiser steps."""

import math
from dataclasses import dataclass

from trainer.errors import TrainerError
from trainer.pretraining.config import DEFAULT_LR, PretrainConfig

BASE_BATCH = 256
"""The batch that a base learning rate is given for (Goyal et al., "Accurate, large minibatch SGD", 2017)."""


@dataclass(frozen=True)
class Plan:
    """What a run's settings come to.

    Attributes:
        batch: pictures per optimiser step, of all ranks together.
        steps: optimiser steps of the whole schedule.
        warmup: steps over which the learning rate rises.
        lr: peak learning rate.
    """

    batch: int
    steps: int
    warmup: float
    lr: float


def plan(config: PretrainConfig, *, pictures: int, ranks: int = 1) -> Plan:
    """Bring the length, warm-up and learning rate of a run to steps.

    Args:
        config: the settings.
        pictures: in one epoch.
        ranks: processes that train together.

    Raises:
        TrainerError: the warm-up is longer than the run.
    """
    batch = config.batch_size * config.accumulate * ranks
    if config.steps is not None:
        steps = config.steps
    elif config.images is not None:
        steps = math.ceil(config.images / batch)
    else:
        assert config.epochs is not None
        steps = math.ceil(config.epochs * pictures / batch)
    if config.warmup_steps is not None:
        warmup: float = config.warmup_steps
    elif config.warmup_epochs is not None:
        warmup = config.warmup_epochs * pictures / batch
    else:
        warmup = config.warmup * steps
    if warmup > steps:
        raise TrainerError(f"a warm-up of {warmup:g} steps is longer than the run of {steps}: shorten it")
    lr = config.lr if config.blr is None else config.blr * batch / BASE_BATCH
    return Plan(batch, steps, warmup, DEFAULT_LR if lr is None else lr)
