"""Tables of results: for the terminal, Markdown, LaTeX and CSV."""

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.table import Table

from patterngen.common.tables import stacked
from patterngen.notebook import shown_text, table
from trainer.results.distinct import with_distinct_names
from trainer.results.grid import Cell, Column, Grid, GridRow, comparable
from trainer.results.published import MARK, PublishedScore
from trainer.results.rows import Result

CSV_COLUMNS = ("task", "protocol", "encoder", "score", "low", "high", "metric", "seconds", "command")
_MISSING = "–"


def _text(cell: Cell | None, *, signed: bool = False) -> str:
    """Write a score, or a signed difference, and its interval in percent."""
    if cell is None:
        return _MISSING
    interval = "" if math.isnan(cell.low) else f" [{100 * cell.low:.1f}, {100 * cell.high:.1f}]"
    score = f"{100 * cell.score:+.1f}" if signed else cell.percent
    return f"{score}{'*' if cell.part else ''}{interval}"


def rich_table(grid: Grid) -> Table:
    """Lay a grid out for the terminal, the best of each column bold."""
    table = Table(caption=stacked(grid.notes), caption_justify="left")
    table.add_column("encoder", no_wrap=True)
    for column in grid.columns:
        table.add_column(stacked((column.task, column.protocol)), justify="right")
    for row, after in _with_next(grid.rows):
        cells = [
            stacked(
                [_text(row.cells.get(column), signed=grid.differences)],
                style="bold" if grid.is_best(row, column) else "",
            )
            for column in grid.columns
        ]
        ends = after is not None and after.published and not row.published
        table.add_row(row.name, *cells, end_section=ends)
    return table


def markdown(grid: Grid) -> str:
    """Write a grid as a table of GitHub's Markdown, the best of each column bold, notes below."""
    lines = [
        _line(["encoder", *(f"{column.task}, {column.protocol}" for column in grid.columns)]),
        "|---|" + "--:|" * len(grid.columns),
    ]
    for row in grid.rows:
        cells = [
            re.sub(r"[*\[\]]", r"\\\g<0>", _text(row.cells.get(column), signed=grid.differences))
            for column in grid.columns
        ]
        best = [grid.is_best(row, column) for column in grid.columns]
        lines.append(
            _line([row.name, *(f"**{c}**" if b else c for c, b in zip(cells, best, strict=True))], 1)
        )
    notes = [line for note in grid.notes for line in ("", _plain(note))]
    return "\n".join([*lines, *notes, ""])


def _plain(text: str) -> str:
    """Escape what Markdown, and a cell of a table, would take for its own."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in " ".join(text.split()))


def _line(cells: Sequence[str], names: int | None = None) -> str:
    """Join cells, of which the first `names` (all if None) are plain text."""
    count = len(cells) if names is None else names
    return "| " + " | ".join([*map(_plain, cells[:count]), *cells[count:]]) + " |"


_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "×": r"$\times$",
    "±": r"$\pm$",
    MARK: r"\textdagger{}",
    _MISSING: "--",
    "…": r"\dots{}",
} | {c: f"\\{c}" for c in "&%$#_{}"}


def _tex(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in " ".join(text.split()))


def latex(grid: Grid) -> str:
    r"""Write a grid as a LaTeX table that needs ``\usepackage{booktabs}``, the best of each column bold."""
    heads, rules, place = [], [], 2
    for protocol, group in groupby(grid.columns, key=lambda column: column.protocol):
        width = len(list(group))
        heads.append(rf"\multicolumn{{{width}}}{{c}}{{{_tex(protocol)}}}")
        rules.append(rf"\cmidrule(lr){{{place}-{place + width - 1}}}")
        place += width
    lines = [
        r"% \usepackage{booktabs}; scores in %, [low, high] their 95 % interval",
        rf"\begin{{tabular}}{{l{'r' * len(grid.columns)}}}",
        r"\toprule",
        f" & {' & '.join(heads)} \\\\",
        " ".join(rules),
        f"encoder & {' & '.join(_tex(column.task) for column in grid.columns)} \\\\",
        r"\midrule",
    ]
    for row, after in _with_next(grid.rows):
        cells = [_tex_cell(grid, row, column) for column in grid.columns]
        lines.append(f"{_tex(row.name)} & {' & '.join(cells)} \\\\")
        if after is not None and after.published and not row.published:
            lines.append(r"\midrule")
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par{{\footnotesize {_tex(note)}}}" for note in grid.notes]
    return "\n".join([*lines, ""])


def _tex_cell(grid: Grid, row: GridRow, column: Column) -> str:
    text = _tex(_text(row.cells.get(column), signed=grid.differences))
    return rf"\textbf{{{text}}}" if grid.is_best(row, column) else text


def html(grid: Grid) -> str:
    """Write a grid as a small HTML table, the best of each column bold, notes below."""
    rows = [
        (row.name, *(_text(row.cells.get(column), signed=grid.differences) for column in grid.columns))
        for row in grid.rows
    ]
    best = [
        (line, place)
        for line, row in enumerate(grid.rows)
        for place, column in enumerate(grid.columns, 1)
        if grid.is_best(row, column)
    ]
    head = ("encoder", *(f"{column.task}, {column.protocol}" for column in grid.columns))
    notes = "".join(f"<p>{shown_text(note)}</p>" for note in grid.notes)
    return table(head, rows, best) + notes


def csv_text(
    results: Sequence[Result], others: Iterable[PublishedScore] = (), *, against: str | None = None
) -> str:
    """Write results one below the other, scores in [0, 1]; without an interval `low` and `high` are empty.

    With so many digits that a score rounds from here as it does in the other forms.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in with_distinct_names(results):
        ends = ["" if math.isnan(end) else f"{end:.6f}" for end in (row.low, row.high)]
        part = f" ({row.part})" if row.part else ""
        writer.writerow(
            [
                row.task,
                row.protocol + part,
                row.encoder if against is None else f"{row.encoder} − {against}",
                f"{row.score:.6f}",
                *ends,
                row.metric,
                f"{row.seconds:.1f}",
                row.command,
            ]
        )
    for other in comparable(others, results):
        name = f"{other.method} {MARK}"
        writer.writerow(
            [other.task, other.protocol, name, f"{other.score:.4f}", "", "", other.metric, "", other.source]
        )
    return out.getvalue()


def _with_next(rows: Sequence[GridRow]) -> Iterable[tuple[GridRow, GridRow | None]]:
    return zip(rows, [*rows[1:], None], strict=True)
