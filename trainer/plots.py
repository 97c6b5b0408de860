"""Pictures of a run: losses, reconstructions, and how encoders compare."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from trainer.mae import patchify, unpatchify

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trainer.transfer.results import Result


def _figure(width: float, height: float) -> "Figure":
    """Make a figure that needs no display and leaves no state behind."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", dpi=110)


def loss_curve(path: Path, rows: Sequence[dict[str, float]]) -> None:
    """Draw the loss over the steps of a run, with the learning rate behind it."""
    figure = _figure(7, 4)
    axes = figure.add_subplot()
    steps = [row["step"] for row in rows]
    rate = axes.twinx()
    rate.fill_between(steps, [row["lr"] for row in rows], color="0.85", linewidth=0)
    rate.set_ylabel("learning rate", color="0.5")
    rate.set_zorder(0)
    axes.set_zorder(1)
    axes.patch.set_visible(False)
    axes.plot(steps, [row["loss"] for row in rows], linewidth=1.2)
    axes.set(xlabel="step", ylabel="mean squared error on hidden patches")
    axes.grid(alpha=0.3)
    figure.savefig(path)


def reconstructions(
    path: Path,
    images: Tensor,
    prediction: Tensor,
    mask: Tensor,
    *,
    patch_size: tuple[int, int],
    mean: float,
    std: float,
) -> None:
    """Draw pictures as they are, as the encoder saw them, and with the hidden patches filled in.

    What norm-pix removes from the targets is borrowed from the picture itself, since the model was never
    asked for it: what one sees is the predicted structure.

    Args:
        path: PNG to write.
        images: standardised [B, C, H, W].
        prediction: [B, L, P], as pixels.
        mask: bool [B, L], true where hidden.
        patch_size: in pixels.
        mean: of the standardisation.
        std: of the standardisation.
    """
    patches = patchify(images, patch_size)
    hidden = mask[:, :, None]
    grid = images.shape[2] // patch_size[0], images.shape[3] // patch_size[1]
    gray = (0.5 - mean) / std
    rows = {
        "original": images,
        "seen": unpatchify(torch.where(hidden, gray, patches), patch_size, grid),
        "reconstructed": unpatchify(torch.where(hidden, prediction, patches), patch_size, grid),
    }
    figure = _figure(1.6 * len(images), 1.75 * len(rows))
    axes = figure.subplots(len(rows), len(images), squeeze=False)
    for line, (title, pictures) in zip(axes, rows.items(), strict=True):
        for axis, picture in zip(line, pictures, strict=True):
            shown = (picture * std + mean).clamp(0, 1).permute(1, 2, 0).expand(-1, -1, 3)
            axis.imshow(shown.numpy(), interpolation="nearest")
            axis.set_xticks([])
            axis.set_yticks([])
        line[0].set_ylabel(title)
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
