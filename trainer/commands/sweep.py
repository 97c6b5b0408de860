"""``trainer sweep``: pre-training over a grid of settings."""

from patterngen.common.tables import print_table
from patterngen.terminal import print_json, print_line
from trainer.study.sweep import SweepConfig, sweep
from trainer.study.sweep_table import points_table


def run(config: SweepConfig) -> None:
    """Pre-train over a grid of settings, as plain runs in one folder, and lay them out as a table."""
    points = sweep(config)
    if config.json:
        print_json([point.row for point in points])
    else:
        print_table(points_table(points))
        print_line(f"{config.out}/sweep.csv")
