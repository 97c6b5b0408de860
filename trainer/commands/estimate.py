"""``trainer estimate``: what a pre-training run will cost on this machine."""

from patterngen.terminal import print_report
from trainer.pretraining.estimate_config import EstimateConfig


def run(config: EstimateConfig) -> None:
    """Take a few steps of a run and say what all of it will cost: memory, images per second, days."""
    from trainer.pretraining.estimate import estimate

    print_report(estimate(config), json=config.json)
