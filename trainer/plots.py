"""Pictures of a run: losses, reconstructions, and how encoders compare."""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from patterngen import visible_lines
from trainer.transfer.names import FLOOR

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trainer.transfer.results import Result

_PROBED = re.compile(r"linear(?: \((?:layer (?P<layer>\d+))?(?:, )?(?P<pooling>[a-z+]+)?\))?")
"""The protocols of linear probes, as `trainer.transfer.linear` names them."""


def new_figure(width: float, height: float) -> "Figure":
    """Make a figure that needs no display and leaves no state behind."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", dpi=110)


def write_figure(figure: "Figure", path: Path) -> None:
    """Write a figure with every text to be read as it stands: the $ of a name is a $, no mathematics."""
    from matplotlib.text import Text

    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        names = [label.get_text() for label in axis.get_ticklabels()]
        seen = [visible_lines(name) for name in names]
        if seen != names:  # the axis writes them anew
            axis.set_ticklabels(seen)
    for text in figure.findobj(Text):
        text.set_parse_math(False)
        text.set_text(visible_lines(text.get_text()))
    figure.savefig(path)


def loss_curve(path: Path, rows: Sequence[dict[str, float]], floor: float | None = None) -> None:
    """Draw the loss over the steps of a run, as logged and smoothed, with the learning rate behind it.

    Args:
        path: PNG to write.
        rows: of metrics.jsonl.
        floor: the loss of predicting the mean, as a line.
    """
    figure = new_figure(7, 4)
    axes = figure.add_subplot()
    steps, losses = [row["step"] for row in rows], [row["loss"] for row in rows]
    rate = axes.twinx()
    rate.fill_between(steps, [row["lr"] for row in rows], color="0.88", linewidth=0)
    rate.set_ylabel("learning rate", color="0.5")
    rate.set_ylim(bottom=0)
    rate.set_zorder(0)
    axes.set_zorder(1)
    axes.patch.set_visible(False)
    axes.plot(steps, losses, color="C0", alpha=0.35, linewidth=0.8, label="as logged")
    axes.plot(steps, smoothed(losses), color="C0", linewidth=1.6, label="smoothed")
    if floor is not None:
        axes.axhline(floor, color="C3", linestyle="--", linewidth=1, label="predicting the mean")
    axes.legend()
    axes.set(xlabel="step", ylabel="loss on hidden patches")
    axes.grid(alpha=0.3)
    write_figure(figure, path)


def smoothed(values: Sequence[float], share: float = 0.05) -> list[float]:
    """Average a series over the last `share` of its length (three values at least), at each place.

    An exponential average whose weights sum to one from the first value on (Kingma & Ba, "Adam", 2015,
    section 3).
    """
    keep = 1 - 1 / max(3.0, share * len(values))
    mean, weight, result = 0.0, 0.0, []
    for value in values:
        mean, weight = keep * mean + (1 - keep) * value, keep * weight + (1 - keep)
        result.append(mean / weight)
    return result


def reconstructions(path: Path, rows: Mapping[str, Tensor], *, spectrograms: bool = False) -> None:
    """Draw inputs and what a model makes of them, one below the other.

    Args:
        path: PNG to write.
        rows: inputs [B, C, H, W] by title, the originals first; NaN, where nothing is known, is gray.
            Pictures lie in [0, 1]; of spectrograms any unit will do.
        spectrograms: draw in colours of loudness, each column by the range of its original, with the first
            row (the lowest band) at the bottom.
    """
    import matplotlib

    originals = next(iter(rows.values()))
    count, _, height, width = originals.shape
    loudness = matplotlib.colormaps["magma"].with_extremes(bad="0.5")
    figure = new_figure(1.0 + 1.6 * count, 0.2 + 1.6 * len(rows) * height / width)
    axes = figure.add_subplot()  # one for all: to lay out 32 takes half a second
    across, down = 1.05 * width, height + 0.05 * width
    for line, inputs in enumerate(rows.values()):
        for column, (shown, original) in enumerate(zip(inputs, originals, strict=True)):
            left, top = column * across, line * down
            place = (left, left + width, top + height, top)
            if spectrograms:
                limits = {"vmin": original.mean(0).min().item(), "vmax": original.mean(0).max().item()}
                axes.imshow(shown.mean(0).numpy(), cmap=loudness, origin="lower", extent=place, **limits)
            else:
                picture = shown.nan_to_num(0.5).clamp(0, 1).permute(1, 2, 0).expand(-1, -1, 3)
                axes.imshow(picture.numpy(), interpolation="nearest", extent=place)
    axes.set(xlim=(0, count * across), ylim=(len(rows) * down, 0))
    axes.set_xticks([])
    axes.set_yticks([line * down + height / 2 for line in range(len(rows))], list(rows), fontsize=9)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    write_figure(figure, path)


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


def scores(path: Path, results: "Sequence[Result]") -> None:
    """Draw scores as bars, a panel for each task and protocol; dots are folds, whiskers the 95 % interval.

    Companions (no encoder, random weights) are gray, pre-trained encoders coloured, in all panels alike.
    """
    kinds = list(dict.fromkeys((row.task, row.protocol) for row in results))
    pretrained = list(dict.fromkeys(row.encoder for row in results if not row.companion))
    figure = new_figure(1.5 + 3.6 * len(kinds), 4)
    panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for axes, (task, protocol) in zip(panels, kinds, strict=True):
        rows = [row for row in results if (row.task, row.protocol) == (task, protocol)]
        for place, row in enumerate(rows):
            colour = "0.7" if row.companion else f"C{pretrained.index(row.encoder) % 10}"
            spread = None if math.isnan(row.ci95) else 100 * row.ci95
            axes.bar(place, 100 * row.score, yerr=spread, capsize=4, color=colour, width=0.7)
            folds = [100 * value for value in row.folds.values()]
            axes.plot([place] * len(folds), folds, ".", color="black", alpha=0.4, markersize=5)
            axes.annotate(
                f"{100 * row.score:.1f}",
                (place, 0),
                (0, 4),
                textcoords="offset points",
                ha="center",
                color="white",
            )
        axes.set_xticks(range(len(rows)), [row.encoder for row in rows], rotation=20, ha="right")
        axes.set_title(f"{task} · {protocol}")
        axes.grid(axis="y", alpha=0.3)
        axes.set_axisbelow(True)
    panels[0].set_ylabel(f"{results[0].metric}, %")
    write_figure(figure, path)


def by_layer(path: Path, results: "Sequence[Result]") -> None:
    """Draw the linear probe's score over the layers of encoders; bands are the 95 % interval over seeds.

    Companions are gray: random weights a line, the floor, which has no layers, a thin one across. Poolings
    differ in the dashes of their lines.

    Args:
        path: PNG to write.
        results: of a probe, several layers among them; other protocols are left out.
    """
    curves: dict[tuple[str, str], list[tuple[str, Result]]] = {}
    for row in results:
        found = _PROBED.fullmatch(row.protocol)
        if found is not None:
            layer, pooling = found["layer"] or "norm", found["pooling"] or ""
            curves.setdefault((row.encoder, pooling), []).append((layer, row))
    known = {layer for points in curves.values() for layer, _ in points}
    layers = [*sorted(known - {"norm"}, key=int), *(known & {"norm"})]
    places = {layer: place for place, layer in enumerate(layers)}
    figure = new_figure(7, 4.2)
    axes = figure.add_subplot()
    colours: dict[str, str] = {}
    styles = dict(
        zip(dict.fromkeys(pooling for _, pooling in curves), itertools.cycle(("-", "--", ":", "-.")))
    )
    for (encoder, pooling), points in curves.items():
        points.sort(key=lambda point: places[point[0]])
        scores_ = [100 * row.score for _, row in points]
        if encoder == FLOOR:
            axes.axhline(scores_[0], color="0.5", linewidth=0.8, label=encoder)
            continue
        companion = points[0][1].companion
        colour = "0.55" if companion else colours.setdefault(encoder, f"C{len(colours)}")
        x = [places[layer] for layer, _ in points]
        axes.plot(
            x,
            scores_,
            marker=".",
            linestyle=styles[pooling],
            color=colour,
            label=f"{encoder}, {pooling}" if pooling else encoder,
        )
        spread = [0 if math.isnan(row.ci95) else 100 * row.ci95 for _, row in points]
        low = [max(0, s - d) for s, d in zip(scores_, spread, strict=True)]
        high = [min(100, s + d) for s, d in zip(scores_, spread, strict=True)]
        axes.fill_between(x, low, high, color=colour, alpha=0.12, linewidth=0)
    axes.set_xticks(range(len(places)), list(places))
    axes.set(xlabel="layer", ylabel=f"{results[0].metric}, %", title=f"{results[0].task} · linear probe")
    axes.grid(alpha=0.3)
    axes.legend()
    write_figure(figure, path)
