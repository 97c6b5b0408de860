"""How the commands that evaluate encoders print what they found."""

from collections.abc import Sequence

from patterngen.common.tables import print_table
from patterngen.terminal import print_json, print_line
from trainer.results.forms import rich_table
from trainer.results.grid import grid
from trainer.results.rows import Result
from trainer.transfer.task_features import TransferConfig


def print_evaluations(results: Sequence[Result], config: TransferConfig) -> None:
    """Print a row for each encoder and protocol, as one table or JSON, and the file that sums them up."""
    if config.json:
        print_json([row.columns() for row in results])
        return
    print_table(rich_table(grid(results)))
    if config.out is not None:
        print_line(f"{config.out}/results.csv")
