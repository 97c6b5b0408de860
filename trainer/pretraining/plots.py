"""Figures of a run: its loss, and what it makes of pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from trainer.figures import new_figure, write_figure


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


def health_curves(path: Path, rows: Sequence[dict[str, float]]) -> None:
    """Draw how a run fares over its steps: features' effective rank, error of each row, accuracy of k-NN.

    Args:
        path: PNG to write.
        rows: of metrics.jsonl that tell them; see `trainer.pretraining.health`.
    """
    measured = [row for row in rows if "knn" in row]
    panels = 3 if measured else 2
    figure = new_figure(4.5 * panels, 3.5)
    rank, errors, *more = figure.subplots(1, panels)
    steps = [row["step"] for row in rows]
    rank.plot(steps, [row["rankme"] for row in rows], color="C0", marker=".")
    rank.set(xlabel="step", ylabel="effective rank of the features")
    rank.set_ylim(0, 1.1 * max(row["rankme"] for row in rows))
    rank.grid(alpha=0.3)
    names = [name for name in rows[-1] if name.startswith("error_row_")]
    for place, name in enumerate(names):
        shade = f"C{place}" if len(names) <= 10 else str(0.8 * place / len(names))
        errors.plot(steps, [row[name] for row in rows], color=shade, marker=".", label=name[10:])
    errors.set(xlabel="step", ylabel="error on hidden patches, by row")
    errors.grid(alpha=0.3)
    if names:
        errors.legend(title="row", ncols=2)
    for accuracy in more:
        accuracy.plot([row["step"] for row in measured], [100 * row["knn"] for row in measured], marker=".")
        accuracy.set(xlabel="step", ylabel="k-NN on real clips, %")
        accuracy.grid(alpha=0.3)
    write_figure(figure, path)


def smoothed(values: Sequence[float]) -> list[float]:
    """Average a series over the last twentieth of its length (three values at least), at each place.

    An exponential average whose weights sum to one from the first value on (Kingma & Ba, "Adam", 2015,
    section 3).
    """
    keep = 1 - 1 / max(3.0, 0.05 * len(values))
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
