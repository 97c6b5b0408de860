"""``trainer compare``: encoders compared on a task in both protocols."""

from pathlib import Path

from patterngen.common.tables import print_table
from patterngen.escape import visible
from patterngen.terminal import print_json, print_line, print_lines
from trainer.results.forms import rich_table
from trainer.results.grid import grid
from trainer.study.compare import CompareConfig, compare


def run(config: CompareConfig) -> None:
    """Compare encoders on a task in both protocols: one table, one figure, one sentence."""
    found = compare(config)
    if config.json:
        print_json({"results": [row.columns() for row in found.results], "sentence": found.sentence})
        return
    print_table(rich_table(grid(found.results)))
    print_lines(f"\n{visible(found.sentence)}")
    print_line(f"Written to {Path(config.out)}/results.csv, .parquet, .md and .png")
