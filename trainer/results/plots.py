"""Figures of results: how encoders compare, on tasks and layer by layer."""

import itertools
import math
import re
from collections.abc import Sequence
from pathlib import Path

from trainer.figures import new_figure, write_figure
from trainer.results.names import FLOOR
from trainer.results.rows import Result

_PROBED = re.compile(r"(?P<kind>[a-z-]+)(?: \((?:layer (?P<layer>\d+))?(?:, )?(?P<pooling>[a-z+]+)?\))?")
"""The protocols of linear probes, as `trainer.transfer.probe` names them."""


def scores(path: Path, results: Sequence[Result]) -> None:
    """Draw scores as bars, a panel for each task and protocol; dots are folds, whiskers the 95 % interval.

    Companions (no encoder, random weights) are gray, pre-trained encoders coloured, in all panels alike.
    """
    kinds = list(dict.fromkeys((row.task, row.protocol) for row in results))
    pretrained = list(dict.fromkeys(row.encoder for row in results if not row.is_baseline))
    figure = new_figure(1.5 + 3.6 * len(kinds), 4)
    panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for axes, (task, protocol) in zip(panels, kinds, strict=True):
        rows = [row for row in results if (row.task, row.protocol) == (task, protocol)]
        for place, row in enumerate(rows):
            colour = "0.7" if row.is_baseline else f"C{pretrained.index(row.encoder) % 10}"
            spread = (
                None
                if math.isnan(row.low)
                else [[100 * max(0, row.score - row.low)], [100 * max(0, row.high - row.score)]]
            )
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


def by_layer(path: Path, results: Sequence[Result]) -> None:
    """Draw a probe's score over the layers of encoders; bands are the 95 % interval.

    Companions are gray: random weights a line, the floor, which has no layers, a thin one across. Poolings
    differ in the dashes of their lines.

    Args:
        path: PNG to write.
        results: of probes, several layers among them; of several protocols `linear` is drawn, or the first.
    """
    kinds = list(dict.fromkeys(row.protocol.partition(" ")[0] for row in results))
    kind = "linear" if "linear" in kinds else kinds[0]
    curves: dict[tuple[str, str], list[tuple[str, Result]]] = {}
    for row in results:
        found = _PROBED.fullmatch(row.protocol)
        if found is not None and found["kind"] == kind:
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
        baseline = points[0][1].is_baseline
        colour = "0.55" if baseline else colours.setdefault(encoder, f"C{len(colours)}")
        x = [places[layer] for layer, _ in points]
        axes.plot(
            x,
            scores_,
            marker=".",
            linestyle=styles[pooling],
            color=colour,
            label=f"{encoder}, {pooling}" if pooling else encoder,
        )
        low = [100 * (row.score if math.isnan(row.low) else row.low) for _, row in points]
        high = [100 * (row.score if math.isnan(row.high) else row.high) for _, row in points]
        axes.fill_between(x, low, high, color=colour, alpha=0.12, linewidth=0)
    axes.set_xticks(range(len(places)), list(places))
    axes.set(xlabel="layer", ylabel=f"{results[0].metric}, %", title=f"{results[0].task} · {kind}")
    axes.grid(alpha=0.3)
    axes.legend()
    write_figure(figure, path)
