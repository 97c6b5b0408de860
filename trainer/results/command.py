"""`trainer results`: what the evaluations in some folders come to, as one table."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tyro.conf import Positional

from patterngen.errors import unknown_name
from patterngen.storage.files import write_atomic
from trainer.errors import TrainerError
from trainer.results.bootstrap import with_intervals
from trainer.results.differences import differences
from trainer.results.file import read_results
from trainer.results.forms import csv_text, latex, markdown, rich_table
from trainer.results.grid import comparable, grid
from trainer.results.published import published_scores
from trainer.results.rows import Result, summarise

if TYPE_CHECKING:
    from rich.table import Table

Form = Literal["table", "markdown", "latex", "csv"]


@dataclass(frozen=True, kw_only=True)
class ResultsConfig:
    """Settings of `results`."""

    folders: Positional[tuple[str, ...]]
    """Folders that `trainer transfer … --out`, `trainer compare --out` or `trainer study --out` wrote to."""
    format: Form = "table"
    """table for reading; markdown; latex (with booktabs); csv with a row for each result."""
    against: str | None = None
    """Print differences to this encoder on the same clips instead of scores: --against random."""
    published: bool = False
    """Put published scores on the same tasks beside ours, marked as such."""
    task: tuple[str, ...] = ()
    """Show this task only."""
    protocol: tuple[str, ...] = ()
    """Show this protocol only: linear, "finetune (last)" …"""
    out: str | None = None
    """File to write instead of printing."""
    json: bool = False
    """Print JSON, a value for each result, instead of a table."""


def results(config: ResultsConfig) -> "Table | str | list[dict[str, object]]":
    """Sum up the evaluations of some folders as one table.

    Returns:
        The table; or the name of the file that it was written to; or with ``json`` a value for each result.

    Raises:
        TrainerError: no folder, a folder without results, or a task or protocol that none of them has.
    """
    if not config.folders:
        raise TrainerError("no folder: give those that `trainer transfer … --out` wrote to")
    if config.out is not None and not Path(config.out).parent.is_dir():
        raise TrainerError(f"--out {config.out}: there is no folder {Path(config.out).parent}; make it first")
    if config.out is not None and Path(config.out).is_dir():
        raise TrainerError(f"--out {config.out}: is a folder; give the file to write")
    if config.json and (config.out is not None or config.format != "table"):
        raise TrainerError("--json prints all there is: leave out --format and --out")
    if config.against is not None and config.published:
        raise TrainerError("--published: nobody else was tested on these clips; leave out --against")
    if config.out is not None and config.format == "table":
        raise TrainerError(f"--out {config.out}: give --format markdown, latex or csv too")
    found = _chosen(config)
    others = published_scores() if config.published else ()
    notes: tuple[str, ...] = ()
    if config.against is not None:
        compared = differences(found, config.against)
        found, notes = compared.results, compared.notes
    if config.json:
        marks = {"published": False} | ({} if config.against is None else {"against": config.against})
        ours = [row.columns() | marks for row in found]
        return ours + [asdict(row) | {"published": True} for row in comparable(others, found)]
    laid_out = grid(found, others, against=config.against, notes=notes)
    if config.format == "table":
        return rich_table(laid_out)
    if config.format == "csv":
        text = csv_text(found, others, against=config.against)
    else:
        text = {"markdown": markdown, "latex": latex}[config.format](laid_out)
    if config.out is None:
        return text.removesuffix("\n")
    write_atomic(Path(config.out), text.encode())
    return config.out


def _chosen(config: ResultsConfig) -> list[Result]:
    """Read the results of the asked tasks and protocols."""
    every = summarise(row for folder in config.folders for row in read_results(Path(folder)))
    found = every
    for name, asked in (("task", config.task), ("protocol", config.protocol)):
        known = sorted({getattr(row, name) for row in every})
        for value in asked:
            if value not in known:
                raise unknown_name(f"{name} of these results", value, known, "trainer results DIR")
        found = [row for row in found if not asked or getattr(row, name) in asked]
    if not found:
        raise TrainerError("no result is of the asked tasks in the asked protocols")
    return with_intervals(found)
