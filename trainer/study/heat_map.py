"""A table of numbers as a figure."""

import math
from collections.abc import Sequence
from pathlib import Path

from trainer.figures import new_figure, write_figure


def heat_map(
    path: Path,
    values: Sequence[Sequence[float]],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    titles: tuple[str, str, str],
    low_is_good: bool,
) -> None:
    """Draw a table of numbers in colours, good ones light; NaN stays blank.

    Args:
        path: PNG to write.
        values: a row of numbers for each name in `rows`.
        rows: names.
        columns: names.
        titles: of the rows, the columns and the whole.
        low_is_good: whether small numbers are the good ones.
    """
    from matplotlib.patheffects import withStroke

    outline = withStroke(linewidth=2, foreground="black")
    figure = new_figure(2.5 + 1.1 * len(columns), 1.6 + 0.6 * len(rows))
    axes = figure.add_subplot()
    axes.imshow(values, cmap="viridis_r" if low_is_good else "viridis", aspect="auto")
    for y, line in enumerate(values):
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
