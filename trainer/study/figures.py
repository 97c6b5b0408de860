"""Figures of a study's table: scores against what datasets are like, over settings, and as runs learned."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from trainer.figures import new_figure, write_figure
from trainer.study.plan import Measured

LABELS: Mapping[str, str] = {
    "tv": "TV, |Δx| + |Δy| of luma",
    "tv_iso": "TV, √(Δx² + Δy²) of luma",
    "tv_rgb": "TV, |Δx| + |Δy| of channels",
    "zlib_bpp": "complexity, bytes per pixel",
    "slope": "slope of the spectrum",
}
_NAMED = 24
"""Points that a panel can name."""
Points = Sequence[tuple[str, str, float, float]]
"""Name, group, abscissa and score of each dataset."""


def scatter(
    path: Path,
    panels: Mapping[tuple[str, Measured], Points],
    tasks: Sequence[str],
    measured: Sequence[Measured],
    baselines: Mapping[str, Mapping[str, float]],
) -> None:
    """Draw scores against measures: a row of panels for each task, a column for each measure.

    Args:
        path: PNG to write.
        panels: points by task and measure, one for each dataset.
        tasks: tasks, from the top.
        measured: measures, from the left.
        baselines: scores of the baselines by task and name, drawn as lines across.
    """
    figure = new_figure(1 + 3.4 * len(measured), 0.6 + 2.9 * len(tasks))
    axes = figure.subplots(len(tasks), len(measured), squeeze=False, sharey="row")
    groups = list(dict.fromkeys(group for points in panels.values() for _, group, _, _ in points))
    for row, task in enumerate(tasks):
        for column, name in enumerate(measured):
            panel, points = axes[row, column], panels[task, name]
            for group in groups:
                own = [(x, 100 * y) for _, its, x, y in points if its == group]
                panel.plot(
                    [x for x, _ in own],
                    [y for _, y in own],
                    "o",
                    color=f"C{groups.index(group) % 10}",
                    markersize=5,
                    label=group or None,
                )
            middle = sum(panel.get_xlim()) / 2
            for label, _, x, y in points if len(points) <= _NAMED else ():
                side, apart = ("right", -3) if x > middle else ("left", 3)  # names stay within the panel
                panel.annotate(
                    label, (x, 100 * y), (apart, 3), textcoords="offset points", fontsize=6, ha=side
                )
            for style, (label, score) in zip(
                ("--", ":", "-."), sorted(baselines.get(task, {}).items()), strict=False
            ):
                panel.axhline(100 * score, color="0.5", linestyle=style, linewidth=0.9, label=label)
            panel.set_xlabel(LABELS[name], fontsize=8)
            panel.tick_params(labelsize=7)
            panel.grid(alpha=0.3)
            panel.margins(x=0.12)
        axes[row, 0].set_ylabel(f"{task}, %", fontsize=9)
    if axes[0, 0].get_legend_handles_labels()[1]:
        axes[0, 0].legend(fontsize=7)
    write_figure(figure, path)


def learning_curves(path: Path, curves: Mapping[tuple[str, str, int], Sequence[tuple[int, float]]]) -> None:
    """Draw the loss of every run over its steps: a panel for each recipe, a colour for each dataset."""
    recipes = list(dict.fromkeys(recipe for _, recipe, _ in curves))
    datasets = list(dict.fromkeys(dataset for dataset, _, _ in curves))
    columns = min(3, len(recipes))
    lines = -(-len(recipes) // columns)
    figure = new_figure(1 + 4.2 * columns, 0.6 + 3.2 * lines)
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for panel, recipe in zip(panels, recipes, strict=False):
        labelled = set()
        for (dataset, its, _), points in curves.items():
            if its == recipe and points:
                number = datasets.index(dataset)
                panel.plot(
                    [step for step, _ in points],
                    [loss for _, loss in points],
                    color=f"C{number % 10}",
                    linestyle=("-", "--", ":", "-.")[number // 10 % 4],
                    linewidth=1,
                    label=None if dataset in labelled else dataset,
                )
                labelled.add(dataset)
        panel.set_title(recipe, fontsize=9)
        panel.set_xlabel("step", fontsize=8)
        panel.set_ylabel("loss", fontsize=8)
        panel.tick_params(labelsize=7)
        panel.grid(alpha=0.3)
    for panel in panels[len(recipes) :]:
        panel.set_visible(False)
    if 1 < len(datasets) <= _NAMED:
        panels[0].legend(fontsize=6)
    write_figure(figure, path)


def heat_map(
    path: Path,
    values: Mapping[tuple[str, str], float],
    *,
    titles: tuple[str, str, str],
    low_is_good: bool,
) -> None:
    """Draw numbers in colours, good ones light; where there is none it stays blank.

    Args:
        path: PNG to write.
        values: number by the name of its row and of its column.
        titles: of the rows, the columns and the whole.
        low_is_good: whether small numbers are the good ones.
    """
    from matplotlib.patheffects import withStroke

    rows = list(dict.fromkeys(row for row, _ in values))
    columns = list(dict.fromkeys(column for _, column in values))
    outline = withStroke(linewidth=2, foreground="black")
    figure = new_figure(2.5 + 1.1 * len(columns), 1.6 + 0.6 * len(rows))
    axes = figure.add_subplot()
    laid = [[values.get((row, column), math.nan) for column in columns] for row in rows]
    axes.imshow(laid, cmap="viridis_r" if low_is_good else "viridis", aspect="auto")
    for y, line in enumerate(laid):
        for x, value in enumerate(line):
            if math.isnan(value):
                continue
            text = axes.annotate(f"{value:.3g}", (x, y), ha="center", va="center", color="white")
            text.set_path_effects([outline])
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set(ylabel=titles[0], xlabel=titles[1])
    axes.set_title(titles[2], fontsize=10)
    write_figure(figure, path)


def by_layer(path: Path, scores: Mapping[tuple[str, str], Sequence[tuple[str, float]]]) -> None:
    """Draw scores over layers: a panel for each task, a line for each dataset, baselines gray.

    Args:
        path: PNG to write.
        scores: layers and scores by task and name of the line.
    """
    by_task: dict[str, dict[str, Sequence[tuple[str, float]]]] = defaultdict(dict)
    for (task, name), points in scores.items():
        by_task[task][name] = points
    figure = new_figure(1 + 4.2 * len(by_task), 3.8)
    panels = figure.subplots(1, len(by_task), squeeze=False)[0]
    for panel, (task, lines) in zip(panels, by_task.items(), strict=True):
        for name, points in lines.items():
            layers = [layer for layer, _ in points]
            colour = "0.55" if name in ("random", "floor") else None
            panel.plot(layers, [100 * y for _, y in points], marker=".", color=colour, label=name)
        panel.set_title(task, fontsize=9)
        panel.set_xlabel("layer", fontsize=8)
        panel.set_ylabel("%", fontsize=8)
        panel.grid(alpha=0.3)
    panels[0].legend(fontsize=6)
    write_figure(figure, path)
