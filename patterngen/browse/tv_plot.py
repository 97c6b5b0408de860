"""A plot of the histograms of Total Variation of a dataset's families."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from patterngen.dataset.stats import DatasetStats, FamilyStats
from patterngen.dataset.tv_bins import tv_edges, tv_histogram
from patterngen.escape import visible
from patterngen.storage.files import atomic_file, output_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OVERLAID = 8
"""Families whose histograms may lie over one another; more get a row each."""


def plot_tv(stats: DatasetStats, path: str) -> None:
    """Draw the histograms of Total Variation of the families into a PNG, PDF or SVG file.

    A few lie over one another, a colour each; many stand in rows, the smoothest family on top. The axis of
    tv is logarithmic, because families differ by factors.

    Raises:
        PatternGenError: the file's ending names no such format, or its folder does not exist.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    file = output_file(path, ".png", ".pdf", ".svg")
    many = len(stats.families) > OVERLAID
    figure = Figure(figsize=(8, 1.2 + 0.24 * len(stats.families) if many else 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(xscale="log", xlabel="Total Variation")
    # Only the ticks of the logarithmic axis are mathematics: the $ of a name is a $.
    axes.set_title(visible(f"Total Variation of {stats.path}"), parse_math=False)
    edges = tv_edges(stats.total.tv, 59)
    (_in_rows if many else _overlaid)(axes, stats, edges)
    axes.spines[["top", "right"]].set_visible(False)
    with atomic_file(file) as written:
        figure.savefig(written, dpi=150, format=file.suffix[1:].lower())


def _overlaid(axes: "Axes", stats: DatasetStats, edges: NDArray[np.float64]) -> None:
    for i, family in enumerate(stats.families):
        counts, colour = tv_histogram(family.tv, edges), f"C{i}"
        axes.stairs(counts, edges, fill=True, color=colour, alpha=0.35)
        axes.stairs(counts, edges, color=colour, label=_label(family))
    axes.set_ylabel("pictures")
    for text in axes.legend(frameon=False, fontsize="small").get_texts():
        text.set_parse_math(False)


def _in_rows(axes: "Axes", stats: DatasetStats, edges: NDArray[np.float64]) -> None:
    """Each row as high as its own highest bin: what matters is where a family lies."""
    rows = sorted(stats.families, key=lambda family: float(np.median(family.tv)), reverse=True)
    for row, family in enumerate(rows):
        counts = tv_histogram(family.tv, edges)
        axes.stairs(row + 0.9 * counts / counts.max(), edges, baseline=row, fill=True, color="C0")
    axes.set_yticks(np.arange(len(rows)), [_short(_label(family)) for family in rows])
    axes.tick_params(axis="y", length=0, labelsize="small")
    axes.set_ylim(0, len(rows))
    axes.grid(axis="y", linewidth=0.5)
    for label in axes.get_yticklabels():
        label.set(verticalalignment="bottom", parse_math=False)


def _label(family: FamilyStats) -> str:
    return visible(f"{family.family} ({family.count})")


def _short(label: str) -> str:
    return label if len(label) <= 44 else f"{label[:30]} … {label[-11:]}"
