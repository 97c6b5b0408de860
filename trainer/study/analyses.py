"""The analyses of a study: what its table answers to the questions that its plan asks."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import fmean
from typing import get_args

from trainer.study.correlation import FEWEST, Estimate, correlation, holm, mean_difference
from trainer.study.plan import Analysis, Measured, Method, is_number
from trainer.study.table import DONE, Row

AVERAGE = "average"
"""Name of the mean over all tasks."""
LEVEL = 0.05
Unit = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What an analysis found on one task by one method: a comparison that counts.

    Attributes:
        name: name of the analysis.
        question: the analysis in words.
        task: task, or ``average``.
        method: ``pearson``, ``spearman``, or ``difference``.
        estimate: correlation or mean difference, over units.
        units: units that were planned; fewer are in the estimate where cells are missing.
        by_seed: the value among the runs of each seed of pre-training alone.
        added: whether the analysis was added after the study had begun.
        corrected: p-value, corrected for all comparisons by Holm.
    """

    name: str
    question: str
    task: str
    method: str
    estimate: Estimate
    units: int
    by_seed: Mapping[int, float]
    added: bool
    corrected: float = math.nan

    @property
    def verdict(self) -> str:
        """What may be said of it, in a few words."""
        found, others = self.estimate, [value for value in self.by_seed.values() if not math.isnan(value)]
        if math.isnan(found.p):
            varies = found.n < FEWEST or not math.isnan(found.value)
            return "too few units to say" if varies else "does not vary"
        if not (self.corrected < LEVEL and found.excludes_zero):
            return "not shown"
        against = [seed for seed, value in self.by_seed.items() if value * found.value < 0]
        if against:
            return f"would not survive another seed: {', '.join(map(str, against))} says the opposite"
        sign = "positive" if found.value > 0 else "negative"
        return f"shown, {sign}" + ("" if len(others) > 1 else "; of one seed of pre-training")


def findings(
    rows: Sequence[Row], analyses: Mapping[str, Analysis], added: Sequence[str] = ()
) -> list[Finding]:
    """Ask the table all analyses.

    The p-values of those that were planned are corrected for the number of them all; those that were added
    later for the number of all together, planned ones too.

    Args:
        rows: the table.
        analyses: by name.
        added: names of those that were added after the study had begun.
    """
    tasks = list(dict.fromkeys(row.task for row in rows if row.task))
    found = [
        _finding(rows, name, analysis, task, method, tasks, added=name in added)
        for name, analysis in analyses.items()
        for task, method in comparisons(analysis, tasks)
    ]
    planned = holm([each.estimate.p for each in found if not each.added])
    every = holm([each.estimate.p for each in found])
    first = iter(planned)
    return [
        replace(each, corrected=every[number] if each.added else next(first))
        for number, each in enumerate(found)
    ]


def comparisons(analysis: Analysis, tasks: Sequence[str]) -> list[tuple[str, str]]:
    """Return the comparisons that an analysis makes: a task and a method each."""
    methods: Sequence[str] = analysis.method if analysis.x is not None else ("difference",)
    return list(product(analysis.tasks or tasks, methods))


def in_words(analysis: Analysis) -> str:
    """Say what an analysis asks."""
    of = ", ".join(filter(None, (analysis.y, analysis.protocol, analysis.recipe, *analysis.groups)))
    if analysis.x is None:
        return f"{analysis.better} − {analysis.than} ({of})"
    given = f" given {', '.join(analysis.given)}" if analysis.given else ""
    return f"{analysis.x} and {of}{given}" + (", within groups" if analysis.within_groups else "")


def unit_scores(
    rows: Sequence[Row],
    task: str,
    tasks: Sequence[str],
    unit: Callable[[Row], Unit],
    y: Callable[[Row], float],
) -> dict[Unit, float]:
    """Return the mean of y over the rows of each unit; of ``average``, over tasks where a unit has all."""
    by_task: dict[Unit, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.state == DONE and not math.isnan(y(row)) and task in (row.task, AVERAGE):
            by_task[unit(row)][row.task].append(y(row))
    needed = len(tasks) if task == AVERAGE else 1
    return {
        key: fmean(fmean(values) for values in of_task.values())
        for key, of_task in by_task.items()
        if len(of_task) == needed
    }


def _finding(
    rows: Sequence[Row],
    name: str,
    analysis: Analysis,
    task: str,
    method: str,
    tasks: Sequence[str],
    *,
    added: bool,
) -> Finding:
    asked = [
        row
        for row in rows
        if not row.is_baseline and row.protocol == analysis.protocol and analysis.recipe in (None, row.recipe)
    ]
    ask = _difference if analysis.x is None else _correlation
    estimate, units = ask(asked, analysis, task, method, tasks)
    seeds = sorted({row.seed for row in asked})
    by_seed = {
        seed: ask([row for row in asked if row.seed == seed], analysis, task, method, tasks, value_only=True)[
            0
        ].value
        for seed in seeds
    }
    return Finding(
        name=name,
        question=in_words(analysis),
        task=task,
        method=method,
        estimate=estimate,
        units=units,
        by_seed=by_seed,
        added=added,
    )


def _correlation(
    rows: Sequence[Row],
    analysis: Analysis,
    task: str,
    method: str,
    tasks: Sequence[str],
    *,
    value_only: bool = False,
) -> tuple[Estimate, int]:
    """Correlate what is measured of datasets, or varied by recipes, with the scores of units."""
    assert analysis.x is not None
    measured = analysis.x in get_args(Measured)

    def unit(row: Row) -> Unit:
        return (row.dataset,) if measured else (row.dataset, row.recipe)

    def y(row: Row) -> float:
        return float(getattr(row, analysis.y))

    scores = unit_scores(rows, task, tasks, unit, y)
    of_unit = {unit(row): row for row in rows}
    names = (analysis.x, *analysis.given)
    values = {key: [_value(of_unit[key], name) for name in names] for key in scores}
    known = [key for key in scores if not any(map(math.isnan, values[key]))]
    groups = [of_unit[key].group if measured else of_unit[key].dataset for key in known]
    found = correlation(
        [values[key][0] for key in known],
        [scores[key] for key in known],
        method=_method(method),
        given=[[values[key][place] for key in known] for place in range(1, len(names))],
        groups=groups if analysis.within_groups else None,
        value_only=value_only,
    )
    return found, len(of_unit)


def _difference(
    rows: Sequence[Row],
    analysis: Analysis,
    task: str,
    method: str,
    tasks: Sequence[str],
    *,
    value_only: bool = False,
) -> tuple[Estimate, int]:
    """Compare two datasets, groups or recipes in pairs that are alike in everything else."""
    sides = (analysis.better, analysis.than)
    axis = next(
        axis
        for axis in ("recipe", "dataset", "group")
        if {*sides} <= {getattr(row, axis) for row in rows} or axis == "group"
    )

    def unit(row: Row) -> Unit:
        alike = (row.dataset if axis == "recipe" else row.recipe, str(row.seed))
        return getattr(row, axis), *alike

    def y(row: Row) -> float:
        return float(getattr(row, analysis.y))

    found = unit_scores(rows, task, tasks, unit, y)
    planned = {unit(row)[1:] for row in rows if getattr(row, axis) in sides}
    better, than = ({key[1:]: value for key, value in found.items() if key[0] == side} for side in sides)
    pairs = [better[key] - than[key] for key in better if key in than]
    return mean_difference(pairs, value_only=value_only), len(planned)


def _value(row: Row, name: str) -> float:
    if name in get_args(Measured):
        return float(getattr(row, name))
    value = row.settings.get(name)
    return float(str(value)) if is_number(value) else math.nan


def _method(name: str) -> Method:
    return "pearson" if name == "pearson" else "spearman"
