"""Settings of `trainer estimate`: apart, so that who asks for help need not wait for torch."""

import math
from dataclasses import dataclass

from trainer.errors import check_range
from trainer.pretraining.config import PretrainConfig


@dataclass(frozen=True, kw_only=True)
class EstimateConfig(PretrainConfig):
    """Settings of `pretrain`, and how closely to look."""

    out: str = ""
    """Folder of the run, which need not be named: nothing is kept."""
    measured_steps: int = 8
    """Steps to take for it, after a first one that does not count; no more once they have taken a minute."""
    processes: int = 1
    """Processes that will train together, each on a device like the one measured and as fast."""
    json: bool = False
    """Print JSON instead of text."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range(self, 1, math.inf, "measured_steps", "processes")
