"""Pictures of a run: losses, reconstructions, and how encoders compare."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trainer.transfer.results import Result


def _figure(width: float, height: float) -> "Figure":
    """Make a figure that needs no display and leaves no state behind."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", dpi=110)


def loss_curve(path: Path, rows: Sequence[dict[str, float]], floor: float | None = None) -> None:
    """Draw the loss over the steps of a run, as logged and smoothed, with the learning rate behind it.

    Args:
        path: PNG to write.
        rows: of metrics.jsonl.
        floor: the loss of predicting the mean, as a line.
    """
    figure = _figure(7, 4)
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
    figure.savefig(path)


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
    originals = next(iter(rows.values()))
    count, _, height, width = originals.shape
    figure = _figure(0.3 + 1.6 * count, 0.2 + 1.6 * len(rows) * height / width)
    axes = figure.subplots(len(rows), count, squeeze=False)
    for line, (title, inputs) in zip(axes, rows.items(), strict=True):
        for axis, shown, original in zip(line, inputs, originals, strict=True):
            if spectrograms:
                limits = {"vmin": original.mean(0).min().item(), "vmax": original.mean(0).max().item()}
                axis.set_facecolor("0.5")
                axis.imshow(shown.mean(0).numpy(), cmap="magma", origin="lower", **limits)
            else:
                picture = shown.nan_to_num(0.5).clamp(0, 1).permute(1, 2, 0).expand(-1, -1, 3)
                axis.imshow(picture.numpy(), interpolation="nearest")
            axis.set_xticks([])
            axis.set_yticks([])
        line[0].set_ylabel(title, fontsize=9)
    figure.savefig(path)


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
    figure = _figure(2.5 + 1.1 * len(columns), 1.6 + 0.6 * len(rows))
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
    figure.savefig(path)


def scores(path: Path, results: "Sequence[Result]") -> None:
    """Draw scores as bars, one panel a protocol; dots are folds, whiskers the 95 % interval over seeds.

    Companions (no encoder, random weights) are gray, pre-trained encoders coloured.
    """
    protocols = list(dict.fromkeys(row.protocol for row in results))
    figure = _figure(1.5 + 3.6 * len(protocols), 4)
    panels = figure.subplots(1, len(protocols), sharey=True, squeeze=False)[0]
    for axes, protocol in zip(panels, protocols, strict=True):
        rows = [row for row in results if row.protocol == protocol]
        coloured = 0
        for place, row in enumerate(rows):
            colour = "0.7" if row.companion else f"C{coloured}"
            coloured += not row.companion
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
        axes.set_title(f"{rows[0].task} · {protocol}")
        axes.grid(axis="y", alpha=0.3)
        axes.set_axisbelow(True)
    panels[0].set_ylabel(f"{results[0].metric}, %")
    figure.savefig(path)
