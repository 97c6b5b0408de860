"""What a reader looks at: contact sheets, tables, histograms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.stats import DatasetStats, FamilyStats
from patterngen.storage.files import atomic_file, output_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from rich.table import Table

MAX_SHEET_PIXELS = 1 << 27
"""A larger sheet is refused before it is allocated."""

_INK, _GRAY, _PAPER = (20, 20, 20), (110, 110, 110), (255, 255, 255)
_GAP, _MARGIN = 8, 16
_LEAST_TV = 1e-12  # less than one level of blue makes in the largest picture there can be


@dataclass(frozen=True)
class SheetRow:
    """One row of a contact sheet.

    Attributes:
        title: written once, above the row.
        pixels: uint8 [N, H, W, 3].
        captions: N lines, one under each picture.
    """

    title: str
    pixels: NDArray[np.uint8]
    captions: Sequence[str]


def contact_sheet(rows: Sequence[SheetRow], *, columns: int = 8) -> Image.Image:
    """Lay out pictures with a title over each row and a caption under each picture.

    Args:
        rows: the pictures; a row of more than `columns` pictures goes on below itself.
        columns: pictures side by side.

    Returns:
        An RGB image.

    Raises:
        PatternGenError: there is nothing to show, or the sheet would have more than `MAX_SHEET_PIXELS`.
    """
    rows = [row for row in rows if len(row.pixels)]
    if not rows:
        raise PatternGenError("a contact sheet needs at least one picture")
    cell = max(max(row.pixels.shape[1:3]) for row in rows)
    # Captions of small pictures shrink with them, down to what can still be read.
    caption_font = ImageFont.load_default(size=max(9, min(13, cell // 9)))
    title_font = ImageFont.load_default(size=18)
    caption_height, title_height = _height(caption_font) + 6, _height(title_font) + 12
    longest = max(len(row.pixels) for row in rows)
    wide = -(-longest // -(-longest // columns))  # as few lines as `columns` allows, equally long
    lines = [-(-len(row.pixels) // wide) for row in rows]
    line_height = cell + caption_height + _GAP
    width = 2 * _MARGIN + wide * (cell + _GAP) - _GAP
    height = 2 * _MARGIN + sum(title_height + n * line_height for n in lines)
    if width * height > MAX_SHEET_PIXELS:
        raise PatternGenError(
            f"a sheet of {width} × {height} pixels is too large: show fewer or smaller pictures"
        )

    sheet = Image.new("RGB", (width, height), _PAPER)
    pen = ImageDraw.Draw(sheet)
    top = _MARGIN
    for row, n in zip(rows, lines, strict=True):
        pen.text((_MARGIN, top), visible(row.title), fill=_INK, font=title_font)
        top += title_height
        for i, (picture, caption) in enumerate(zip(row.pixels, row.captions, strict=True)):
            x, y = _MARGIN + (i % wide) * (cell + _GAP), top + (i // wide) * line_height
            sheet.paste(Image.fromarray(picture), (x, y))
            below = (x + cell / 2, y + cell + 3)
            pen.text(below, visible(caption), fill=_GRAY, font=caption_font, anchor="ma")
        top += n * line_height
    return sheet


def _height(font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> int:
    _, top, _, bottom = font.getbbox("Ag")
    return round(bottom - top)


def stats_table(stats: DatasetStats) -> "Table":
    """Return a rich table: a row per family with its pictures, megabytes and quantiles of Total Variation."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from patterngen.tables import stacked

    title = (
        f"{stats.path}: {stats.total.count} pictures in {stats.shards} shards, {stats.bytes / 1e6:.1f} MB",
        "Total Variation by family: smallest, quantiles, largest",
    )
    table = Table(
        title=stacked(title),
        title_justify="left",
        title_style="",
        box=SIMPLE_HEAD,
        padding=0,
    )
    table.add_column("family", overflow="fold")
    for name in ("pictures", "MB", *map(_quantile_name, stats.total.tv_quantiles)):
        table.add_column(name, justify="right", no_wrap=True)
    for family in stats.families:
        table.add_row(*_cells(family))
    if len(stats.families) > 1:
        table.add_section()
        table.add_row(*_cells(stats.total))
    return table


def _cells(family: FamilyStats) -> list[str]:
    values = (f"{value:.4f}" for value in family.tv_quantiles.values())
    return [family.family, str(family.count), f"{family.bytes / 1e6:.1f}", *values]


def _quantile_name(q: str) -> str:
    return {"0": "min", "0.5": "median", "1": "max"}.get(q, f"{100 * float(q):g} %")


def tv_edges(tv: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Return the edges of a histogram of Total Variation, float64 [bins + 1], equally apart in logarithms."""
    # A flat picture has tv 0, which no logarithm shows: it is counted in the lowest bin.
    positive = tv[tv > 0]
    low, high = (positive.min(), positive.max()) if len(positive) else (1e-3, 1.0)
    return np.geomspace(max(low, _LEAST_TV) * 0.95, max(high, _LEAST_TV) * 1.05, bins + 1)


def tv_histogram(tv: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count values between edges, int64 [len(edges) - 1]; the outer bins take what lies beyond them."""
    counts, _ = np.histogram(np.clip(tv, edges[0], edges[-1]), edges)
    return counts


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
