"""Successive halving: which datasets a longer recipe is tried on, by what a shorter one scored.

Source: Jamieson & Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization",
AISTATS 2016.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from trainer.study.plan import Halving, Plan, StudyRun
from trainer.study.table import DONE, Row

NOT_CHOSEN = "not chosen"
"""State of a cell whose dataset did not go on to its recipe."""


def wanted(plan: Plan, rows: Sequence[Row]) -> list[StudyRun]:
    """Return the runs that are to be made as far as the table tells; all where nothing is halved.

    A recipe's datasets are known once all that are wanted of the recipe before it have their scores.
    """
    if plan.halving is None:
        return list(plan.runs)
    found = [run for run in plan.runs if run.recipe not in plan.halving.recipes[1:]]
    on = [run.dataset for run in plan.runs if run.recipe == plan.halving.recipes[0]]
    for before, after in zip(plan.halving.recipes, plan.halving.recipes[1:], strict=False):
        chosen = _best(rows, plan.halving, before, list(dict.fromkeys(on)))
        if chosen is None:
            break
        found += [run for run in plan.runs if run.recipe == after and run.dataset in chosen]
        on = chosen
    return found


def mark_not_chosen(plan: Plan, rows: Sequence[Row]) -> list[Row]:
    """Say of the rows of runs that are not wanted that they were not chosen."""
    keys = {run.key for run in wanted(plan, rows)}
    return [
        row if row.is_baseline or row.run in keys or row.state == DONE else replace(row, state=NOT_CHOSEN)
        for row in rows
    ]


def _best(rows: Sequence[Row], halving: Halving, recipe: str, datasets: Sequence[str]) -> list[str] | None:
    """Return the best of the datasets by validation clips; None while a score is missing."""
    means = {}
    for name in datasets:
        own = [
            row
            for row in rows
            if (row.dataset, row.recipe, row.task) == (name, recipe, halving.task)
            and (row.protocol == halving.protocol or row.state != DONE)
        ]
        if not own or any(row.state != DONE or math.isnan(row.valid_score) for row in own):
            return None
        means[name] = fmean(row.valid_score for row in own)
    best = sorted(datasets, key=lambda name: -means[name])
    return best[: max(1, math.ceil(halving.keep * len(best)))]
