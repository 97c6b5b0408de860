"""``trainer sweep``: pre-training over a grid of settings."""

from trainer.study.sweep_config import SweepConfig


def run(config: SweepConfig) -> None:
    """Pre-train over a grid of settings, as plain runs in one folder, and lay them out as a study."""
    from trainer.study.shown import print_study
    from trainer.study.sweep import sweep

    print_study(sweep(config), config.out, json=config.json)
