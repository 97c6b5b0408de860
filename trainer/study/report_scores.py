"""Parts of a study's report that lay out scores, and set them against what datasets are like."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import get_args

from trainer.study import figures
from trainer.study.analyses import AVERAGE, unit_scores
from trainer.study.correlation import correlation
from trainer.study.pages import Block, Figure, Grid, Heading, Paragraph
from trainer.study.plan import Measured
from trainer.study.table import DONE, Row
from trainer.study.wording import estimate_text, number_text, score_text

MEASURES: tuple[Measured, ...] = get_args(Measured)
_LAYER = re.compile(r"linear \(layer (\d+)\)")
_FEWEST_PARTIAL = 6
"""Datasets from which on two measures can be held fixed."""


def score_tables(rows: Sequence[Row]) -> list[Block]:
    """Lay out the scores, a table for each protocol, and what they gain over untrained weights."""
    scored = [row for row in rows if row.state == DONE and row.task]
    if not scored:
        return []
    blocks: list[Block] = [
        Heading("Scores"),
        Paragraph(
            "In percent, means over seeds of pre-training: in brackets the interval over test clips where "
            "there is one seed, in parentheses the least and the greatest where there are several. "
            "Baselines first. Gains are over untrained weights of the same architecture, paired clip by clip."
        ),
    ]
    tasks = list(dict.fromkeys(row.task for row in scored))
    columns = ["", "recipe", *tasks, AVERAGE]
    for protocol in dict.fromkeys(row.protocol for row in scored):
        own = sorted((row for row in scored if row.protocol == protocol), key=lambda row: bool(row.dataset))
        blocks.append(Paragraph(f"{protocol}:"))
        blocks.append(Grid(columns, _lines(own, tasks), names=2))
        if not _LAYER.fullmatch(protocol):
            ours = [row for row in own if not row.is_baseline]
            blocks.append(Paragraph(f"{protocol}, gain:"))
            blocks.append(Grid(columns, _lines(ours, tasks, gain=True), names=2))
    return blocks


def _lines(rows: Sequence[Row], tasks: Sequence[str], *, gain: bool = False) -> list[list[str]]:
    """Return a line for each dataset or baseline and recipe."""
    lines = []
    for name, recipe in dict.fromkeys((row.dataset or row.encoder, row.recipe) for row in rows):
        own = [row for row in rows if (row.dataset or row.encoder, row.recipe) == (name, recipe)]
        by_task = [[row for row in own if row.task == task] for task in tasks]
        means = [fmean(row.gain if gain else row.score for row in of_task) for of_task in by_task if of_task]
        complete = len(means) == len(tasks) and not math.isnan(fmean(means))
        form = "{:+.1f}" if gain else "{:.1f}"
        average = form.format(100 * fmean(means)).replace("-", "−") if complete else "–"
        lines.append([name, recipe, *(score_text(of_task, gain=gain) for of_task in by_task), average])
    return lines


def against_measures(rows: Sequence[Row], folder: Path) -> list[Block]:
    """Show scores against what datasets are like, with correlations of all, described and not tested."""
    scored = [row for row in rows if row.state == DONE and row.task and not row.is_baseline]
    measured = [row for row in scored if not math.isnan(row.tv)]
    datasets = {row.dataset: row for row in measured}
    if len(datasets) < 2:
        return []
    protocol = next((row.protocol for row in measured if row.protocol == "linear"), measured[0].protocol)
    own = _of_common_recipes([row for row in measured if row.protocol == protocol])
    tasks = list(dict.fromkeys(row.task for row in own))
    shown = [*tasks, AVERAGE] if len(tasks) > 1 else tasks
    scores = {task: unit_scores(own, task, tasks, _of_dataset, lambda row: row.score) for task in shown}
    panels = {
        (task, name): [
            (key[0], datasets[key[0]].group, getattr(datasets[key[0]], name), y)
            for key, y in scores[task].items()
        ]
        for task in shown
        for name in MEASURES
    }
    baselines = {
        task: {
            row.encoder: row.score
            for row in rows
            if row.is_baseline and row.task == task and row.protocol == protocol
        }
        for task in tasks
    }
    figures.scatter(folder / "scatter.png", panels, shown, MEASURES, baselines)
    blocks: list[Block] = [
        Heading("What datasets are like, and what they score"),
        Figure(f"{folder.name}/scatter.png", f"Scores ({protocol}) of each dataset against its measures."),
        Paragraph(
            f"Description, {2 * len(MEASURES) * len(shown)} correlations that are corrected for nothing: "
            "what was asked beforehand stands above. Over datasets, means over seeds and over the recipes "
            "that all datasets have."
        ),
    ]
    lines = []
    for task in shown:
        for name in MEASURES:
            points = panels[task, name]
            x, y = [point[2] for point in points], [point[3] for point in points]
            both = [estimate_text(correlation(x, y, method=method)) for method in ("pearson", "spearman")]
            lines.append([task, name, *both, str(len(points))])
    blocks.append(Grid(["task", "measure", "Pearson", "Spearman", "datasets"], lines, names=2))
    blocks += _agreement(list(datasets.values()))
    if len(datasets) >= _FEWEST_PARTIAL:
        blocks += _partial(scores, datasets, shown)
    return blocks


def _agreement(datasets: Sequence[Row]) -> list[Block]:
    definitions = MEASURES[:3]
    lines = []
    for one in definitions:
        found = [
            correlation(
                [getattr(row, one) for row in datasets],
                [getattr(row, other) for row in datasets],
                method="spearman",
            ).value
            for other in definitions
        ]
        lines.append([one, *(number_text(value) for value in found)])
    return [
        Paragraph(
            f"Rank agreement (Spearman) of the three definitions of Total Variation over {len(datasets)} "
            "datasets:"
        ),
        Grid(["", *definitions], lines),
    ]


def _partial(
    scores: Mapping[str, Mapping[tuple[str, ...], float]], datasets: Mapping[str, Row], tasks: Sequence[str]
) -> list[Block]:
    three: tuple[Measured, ...] = ("tv", "zlib_bpp", "slope")
    lines = []
    for task in tasks:
        names = [key[0] for key in scores[task]]
        y = list(scores[task].values())
        values = {name: [getattr(datasets[each], name) for each in names] for name in three}
        cells = [
            estimate_text(
                correlation(
                    values[name],
                    y,
                    method="spearman",
                    given=[values[other] for other in three if other != name],
                )
            )
            for name in three
        ]
        lines.append([task, *cells])
    return [
        Paragraph("Partial correlations (Spearman) of the score with each, the other two held fixed:"),
        Grid(["task", *three], lines),
    ]


def layer_by_layer(rows: Sequence[Row], folder: Path) -> list[Block]:
    """Show the scores of probes of every layer, if there are any."""
    points: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in rows:
        found = _LAYER.fullmatch(row.protocol)
        if row.state == DONE and (found or row.protocol == "linear"):
            line = points.setdefault((row.task, row.dataset or row.encoder), {})
            line.setdefault(found[1] if found else "norm", []).append(row.score)
    lines = {key: line for key, line in points.items() if len(line) > 1}
    if not lines:
        return []
    figures.by_layer(
        folder / "layers.png",
        {
            key: [
                (layer, fmean(line[layer]))
                for layer in sorted(line, key=lambda name: (name == "norm", name.zfill(4)))
            ]
            for key, line in lines.items()
        },
    )
    said = "Linear probes of every layer, means over recipes and seeds. No layer was chosen by this."
    return [Heading("Layer by layer"), Figure(f"{folder.name}/layers.png", said)]


def _of_common_recipes(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of recipes that all datasets have, so that means over recipes compare."""
    datasets = {row.dataset for row in rows}
    own = {
        recipe: {row.dataset for row in rows if row.recipe == recipe} for recipe in {r.recipe for r in rows}
    }
    return [row for row in rows if own[row.recipe] == datasets] or list(rows)


def _of_dataset(row: Row) -> tuple[str, ...]:
    return (row.dataset,)
