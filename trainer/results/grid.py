"""Results as a paper lays them out: a row for each encoder, a column for each task and protocol."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trainer.results.distinct import protocols_apart, with_distinct_names
from trainer.results.intervals import Resampled, mean_of
from trainer.results.names import BASELINES
from trainer.results.one_feature import under_one_protocol
from trainer.results.published import MARK, NINE, PublishedScore
from trainer.results.rows import Result

AVERAGE = "average"
"""Stands for the task in the column of a protocol's average."""
NINE_TASKS = "average of nine"
"""Stands for the task in the column of the average over `NINE`."""


@dataclass(frozen=True)
class Column:
    """What was evaluated, and how."""

    task: str
    protocol: str


@dataclass(frozen=True)
class Cell:
    """A score in [0, 1].

    Attributes:
        score: the mean, or the difference of two.
        low: lower end of its 95 % interval; NaN where there is none.
        high: upper end of the interval.
        part: `Result.part`; such a score takes part in no average.
        resampled: `Result.resampled`.
    """

    score: float
    low: float = math.nan
    high: float = math.nan
    part: str = ""
    resampled: Resampled | None = field(default=None, compare=False, repr=False)

    @property
    def percent(self) -> str:
        """The score as it is printed."""
        return f"{100 * self.score:.1f}"


@dataclass(frozen=True)
class GridRow:
    """The cells of one encoder."""

    name: str
    cells: Mapping[Column, Cell]
    published: bool = False


@dataclass(frozen=True)
class Grid:
    """The table, and what a reader must be told below it."""

    columns: tuple[Column, ...]
    rows: tuple[GridRow, ...]
    notes: tuple[str, ...]
    differences: bool = False

    def is_best(self, row: GridRow, column: Column) -> bool:
        """Tell whether no score of ours in the column is printed higher; published ones do not compete.

        Scores of some folds do not compete either, and differences are no scores.
        """
        cell = row.cells.get(column)
        if cell is None or row.published or cell.part or self.differences:
            return False
        ours = [each.cells[column] for each in self.rows if column in each.cells and not each.published]
        rivals = [each for each in ours if not each.part]
        return len(rivals) > 1 and cell.percent == f"{100 * max(each.score for each in rivals):.1f}"


def grid(
    results: Sequence[Result],
    others: Iterable[PublishedScore] = (),
    *,
    against: str | None = None,
    notes: Sequence[str] = (),
) -> Grid:
    """Lay results out, baselines first, and below them what others have published on the same tasks.

    A protocol with several tasks gets a column of averages, where an encoder has scores of all of them.

    Args:
        results: the scores.
        others: published ones.
        against: the encoder that `differences` took off, if the results are such.
        notes: what else a reader must be told.
    """
    apart = protocols_apart(results)
    results, described = under_one_protocol(with_distinct_names(results))
    tasks: dict[str, list[str]] = defaultdict(list)  # by protocol
    for row in results:
        if row.task not in tasks[row.protocol]:
            tasks[row.protocol].append(row.task)
    cells: dict[str, dict[Column, Cell]] = {row.encoder: {} for row in sorted(results, key=_rank)}
    for row in results:
        cell = Cell(row.score, row.low, row.high, row.part, row.resampled)
        cells[row.encoder][Column(row.task, row.protocol)] = cell
    ours = [GridRow(name, _with_averages(found, tasks)) for name, found in cells.items()]
    found = _published_rows(others, tasks)
    shown = {column for row in (*ours, *found) for column in row.cells}
    columns = (
        Column(task, protocol) for protocol in tasks for task in (*tasks[protocol], AVERAGE, NINE_TASKS)
    )
    return Grid(
        tuple(column for column in columns if column in shown),
        (*ours, *found),
        (*_notes(results, against), *described, *apart, *notes, *_sources(others, found)),
        against is not None,
    )


def comparable(others: Iterable[PublishedScore], results: Iterable[Result]) -> list[PublishedScore]:
    """Return what is published of the tasks and in the protocols that results are of."""
    ours = {(row.protocol.split()[0], row.task) for row in results}
    return [
        other
        for other in others
        if any((other.protocol, task) in ours for task in (NINE if other.task == "nine" else (other.task,)))
    ]


def _rank(row: Result) -> int:
    """Companions come first, in their order; encoders as they come."""
    return next((i for i, name in enumerate(BASELINES) if row.encoder.startswith(name)), len(BASELINES))


def _with_averages(found: Mapping[Column, Cell], tasks: Mapping[str, Sequence[str]]) -> dict[Column, Cell]:
    result = dict(found)
    for protocol, names in tasks.items():
        for title, members in ((AVERAGE, names), (NINE_TASKS, NINE)):
            whole = [
                cell for task in members if (cell := found.get(Column(task, protocol))) and not cell.part
            ]
            if len(whole) == len(members) > 1:
                result[Column(title, protocol)] = _average(whole)
    return result


def _average(cells: Sequence[Cell]) -> Cell:
    """Average scores of several tasks, with the interval of their mean if all have one."""
    score = float(np.mean([cell.score for cell in cells]))
    several = [cell.resampled for cell in cells if cell.resampled]
    if len(several) < len(cells):
        return Cell(score)
    resampled = mean_of(several)
    return Cell(score, *resampled.interval(), resampled=resampled)


def _published_rows(others: Iterable[PublishedScore], tasks: Mapping[str, Sequence[str]]) -> list[GridRow]:
    """Return what is published of the tasks and protocols that ours have, a row for each method."""
    rows: dict[str, dict[Column, Cell]] = defaultdict(dict)
    for other in others:
        for protocol, names in tasks.items():
            if protocol.split()[0] != other.protocol:
                continue
            if other.task in names:
                rows[other.method][Column(other.task, protocol)] = Cell(other.score)
            elif other.task == "nine" and set(names) & set(NINE):
                rows[other.method][Column(NINE_TASKS, protocol)] = Cell(other.score)
    return [GridRow(f"{method} {MARK}", cells, published=True) for method, cells in rows.items()]


def _notes(results: Sequence[Result], against: str | None) -> list[str]:
    notes = [] if against is None else [f"Differences to {against} on the same clips."]
    notes += _on_intervals(results)
    clips: dict[Column, set[str]] = defaultdict(set)
    for row in results:
        clips[Column(row.task, row.protocol)].add(row.data_sha256)
    for column, found in clips.items():
        if len(found) > 1:
            notes.append(
                f"{column.task}, {column.protocol}: not all rows are of the same clips, labels and folds."
            )
    parts = sorted({f"{row.task}, {row.protocol}: {row.part}" for row in results if row.part})
    if parts:
        notes.append(f"* not of all folds. {'; '.join(parts)}.")
    metrics = {row.task: row.metric for row in results if row.metric != "accuracy"}
    if metrics:
        notes.append("; ".join(f"{task}: {metric}" for task, metric in metrics.items()) + "; else accuracy.")
    return notes


def _on_intervals(results: Sequence[Result]) -> list[str]:
    """Say what intervals are over."""
    drawn = [row for row in results if row.groups]
    if not drawn:
        return []
    counts = {row.task: f"{row.task}: {row.groups}" for row in drawn}
    seeds = " and over seeds" if any(row.seeds > 1 for row in drawn) else ""
    over = f"over groups of test clips ({'; '.join(counts.values())}){seeds}"
    luck = "Of an encoder that was pre-trained once, it says nothing of the luck of its pre-training."
    return [f"[low, high]: 95 % by the bootstrap {over}. {luck}"]


def _sources(others: Iterable[PublishedScore], rows: Sequence[GridRow]) -> list[str]:
    names = {row.name for row in rows}
    sources = {f"{other.method} {MARK}": other.source for other in others}
    listed = "; ".join(
        f"{name.removesuffix(f' {MARK}')}: {sources[name]}" for name in sources if name in names
    )
    if not listed:
        return []
    return [f"{MARK} published by others under protocols of their own, not measured here. {listed}."]
