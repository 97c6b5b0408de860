"""Pictures of a fine-tuning: curves over the epochs, and which classes are taken for which."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from patterngen.escape import visible
from trainer.figures import new_figure, write_figure

_NUMBERED, _NAMED = 12, 100
"""Classes up to which a confusion matrix tells its numbers, and their names."""
_MOST_BARS = 60
"""Classes up to which each has a bar; of more, the best and the worst."""


def curves(
    path: Path,
    histories: Mapping[str, Sequence[Sequence[Mapping[str, float]]]],
    scores: Mapping[str, Sequence[float]],
    *,
    metric: str,
) -> None:
    """Draw the loss and the scores of each epoch, the mean over folds and seeds, a colour an encoder.

    Args:
        path: PNG to write.
        histories: of each encoder's evaluations, as `Outcome.history`.
        scores: that they were tested with, drawn as dots at the end.
        metric: what the scores are.
    """
    figure = new_figure(9, 4)
    left, right = figure.subplots(1, 2)
    last, lines = 1.0, False
    for number, (name, several) in enumerate(histories.items()):
        colour = f"C{number}"
        epochs = [row["epoch"] for row in several[0]]
        last = max(last, epochs[-1])
        losses = np.array([[row["loss"] for row in history] for history in several])
        left.plot(epochs, losses.T, color=colour, alpha=0.2, linewidth=0.7)
        left.plot(epochs, losses.mean(axis=0), ".-", color=colour, linewidth=1.6, label=short(name))
        for which, style in (("valid", ".--"), ("test", ".-")):
            if all(which in row for history in several for row in history):
                values = 100 * np.array([[row[which] for row in history] for history in several])
                right.plot(epochs, values.mean(axis=0), style, color=colour, linewidth=1.6)
                lines = True
        place = epochs[-1] + (number + 1) * 0.03 * max(epochs[-1], 4)
        tested = [100 * score for score in scores[name]]
        right.plot([place] * len(tested), tested, "o", color=colour, alpha=0.4, markeredgewidth=0)
        right.plot([place], [np.mean(tested)], "_", color=colour, markersize=14, markeredgewidth=2)
    left.set(xlabel="epoch", ylabel="loss on training clips, as augmented")
    left.set_ylim(bottom=0)
    left.legend()
    right.set(xlabel="epoch", ylabel=f"{metric}, %")
    ends = "dots: final tests of folds and seeds; dash: their mean"
    title = f"lines: test (dashed: validation) by epoch\n{ends}" if lines else ends
    right.set_title(title, fontsize=8)
    for axes in (left, right):
        axes.set_xlim(0, last + (len(histories) + 1) * 0.03 * max(last, 4))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
    write_figure(figure, path)


def confusion(path: Path, classes: Sequence[str], counts: NDArray[np.int64], *, title: str) -> None:
    """Draw which class (row) was called what (column), each row as shares of its clips.

    Args:
        path: PNG to write.
        classes: names.
        counts: [C, C].
        title: of the whole.
    """
    count = len(classes)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    cell = 0.69 if count <= _NUMBERED else 0.19 if count <= _NAMED else 9 / count
    side = 3.2 + cell * count
    figure = new_figure(side + 1.2, side)
    axes = figure.add_subplot()
    picture = axes.imshow(100 * shares, cmap="Blues", vmin=0, vmax=100, interpolation="nearest")
    figure.colorbar(picture, ax=axes, label="% of the clips of the row", shrink=0.7)
    if count <= _NAMED:
        names = [short(name) for name in classes]
        size = 9 if count <= _NUMBERED else 7
        axes.set_xticks(range(count), names, rotation=90, fontsize=size)
        axes.set_yticks(range(count), names, fontsize=size)
    axes.set(xlabel="called", ylabel="is")
    if count <= _NUMBERED:
        for y, x in np.argwhere(counts):
            colour = "white" if shares[y, x] > 0.5 else "black"
            axes.text(x, y, f"{100 * shares[y, x]:.0f}", ha="center", va="center", fontsize=9, color=colour)
    right = np.trace(counts) / max(counts.sum(), 1)
    axes.set_title(f"{short(title, 80)}: {100 * right:.1f} % right", fontsize=10)
    write_figure(figure, path)


def class_bars(path: Path, classes: Sequence[str], precisions: NDArray[np.float64], *, title: str) -> None:
    """Draw the average precision of each class as a bar, best first; of very many, the best and the worst.

    Args:
        path: PNG to write.
        classes: names.
        precisions: [C], NaN for classes that no tested clip has.
        title: of the whole.
    """
    order = [i for i in np.argsort(-precisions, kind="stable") if not np.isnan(precisions[i])]
    half = _MOST_BARS // 2
    shown = order if len(order) <= _MOST_BARS else [*order[:half], *order[-half:]]
    figure = new_figure(7, 1.4 + 0.19 * len(shown))
    axes = figure.add_subplot()
    axes.barh(range(len(shown)), 100 * precisions[shown], color="C0", height=0.75)
    axes.set_yticks(range(len(shown)), [short(classes[i]) for i in shown], fontsize=8)
    axes.invert_yaxis()
    if len(shown) < len(order):
        axes.axhline(half - 0.5, color="0.4", linestyle="--")
        axes.text(99, half, f"{len(order) - len(shown)} classes between these", ha="right", fontsize=8)
    axes.margins(y=0.01)
    axes.set(xlabel="average precision, %", xlim=(0, 100))
    mean = float(np.mean(precisions[order])) if order else float("nan")
    axes.set_title(f"{short(title, 80)}: mAP {100 * mean:.1f} %", fontsize=10)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    write_figure(figure, path)


def short(name: str, most: int = 28) -> str:
    """Return a name on one line, as `visible` writes it, and cut where it is long."""
    plain = visible(name)
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
