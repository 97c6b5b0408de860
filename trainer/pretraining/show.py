"""`trainer show`: runs side by side, as a table."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from trainer.pretraining.run_summary import summarise_run
from trainer.pretraining.run_words import LEFT_OUT, RunSummary
from trainer.pretraining.show_config import ShowRunConfig


def show_runs(config: ShowRunConfig) -> list[RunSummary]:
    """Summarise runs, in the order in which they are named.

    Raises:
        TrainerError: a folder that holds no run.
    """
    return [summarise_run(run) for run in config.run]


def runs_table(runs: Sequence[RunSummary]) -> Table:
    """Lay runs out side by side: a column a run, first what they are, then what became of them.

    Of the settings, those of any run that are not the default have a line.
    """
    table = Table(show_header=len(runs) > 1)
    table.add_column("", style="bold", no_wrap=True)
    for run in runs:
        table.add_column(Path(run.run).name or run.run, overflow="fold")
    described = [run.lines for run in runs]
    for title in described[0] if described else ():
        cells = [lines[title] for lines in described]
        if any(cells):
            table.add_row(title, *cells)
        if title == "data":
            _add_settings(table, runs)
    return table


def _add_settings(table: Table, runs: Sequence[RunSummary]) -> None:
    names = dict.fromkeys(name for run in runs for name in run.settings if name not in LEFT_OUT)
    for name in names:
        table.add_row(f"  {name}", *(run.setting(name) for run in runs))
