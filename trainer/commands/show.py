"""``trainer show``: runs side by side."""

from patterngen.common.tables import print_table
from patterngen.terminal import print_json
from trainer.pretraining.show_config import ShowRunConfig


def run(config: ShowRunConfig) -> None:
    """Say what run folders hold: how far, how well, how fast, and how to go on."""
    from trainer.pretraining.show import runs_table, show_runs

    runs = show_runs(config)
    if config.json:
        print_json(runs)
    else:
        print_table(runs_table(runs))
