"""A study's table on a terminal: a line for each run, its scores side by side."""

import math
from collections import Counter
from collections.abc import Sequence

from rich.table import Table

from patterngen.common.tables import print_table, stacked
from patterngen.terminal import print_json, print_line
from trainer.study.report_runs import best_by_validation, caveat_of_losses
from trainer.study.table import DONE, Row


def print_study(rows: Sequence[Row], out: str, *, json: bool) -> None:
    """Print what a study has come to."""
    if json:
        print_json(list(rows))
        return
    print_table(table_of(rows))
    print_line(", ".join(f"{count} cells {state}" for state, count in Counter(r.state for r in rows).items()))
    print_line(f"{out}/report.html")


def table_of(rows: Sequence[Row]) -> Table:
    """Lay a study out for the terminal: baselines first, then run by run, in percent."""
    columns = list(dict.fromkeys((row.task, row.protocol) for row in rows if row.task))
    caption = (caveat_of_losses(rows) + best_by_validation(rows)) if rows else ""
    table = Table(caption=stacked([caption]), caption_justify="left")
    for name in ("run", "state", "step", "loss"):
        table.add_column(name, justify="left" if name in ("run", "state") else "right")
    for task, protocol in columns:
        table.add_column(stacked([task, protocol]), justify="right")
    keys = sorted(dict.fromkeys((not row.is_baseline, row.encoder, row.recipe) for row in rows), key=_first)
    for key in keys:
        own = [row for row in rows if (not row.is_baseline, row.encoder, row.recipe) == key]
        scores = {(row.task, row.protocol): row.score for row in own}
        cells = [_percent(scores.get(column, math.nan)) for column in columns]
        first = own[0]
        state = next((row.state for row in own if row.state != DONE), "finished")
        loss = "–" if math.isnan(first.loss) else f"{first.loss:.4g}"
        step = "–" if first.is_baseline else str(first.steps)
        table.add_row(first.encoder, state, step, loss, *cells)
    return table


def _first(key: tuple[bool, str, str]) -> bool:
    return key[0]


def _percent(score: float) -> str:
    return "–" if math.isnan(score) else f"{100 * score:.1f}"
