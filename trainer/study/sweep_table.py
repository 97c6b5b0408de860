"""What came out of a sweep: a table in three forms, and a picture of it."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from trainer.pretraining.run_words import RunSummary
from trainer.results.rows import Result
from trainer.study.heat_map import heat_map

LOSS_SETTINGS = (
    *("patch_size", "image_size", "channels", "norm_pix", "keep_mean", "norm_pix_eps", "target", "contrast"),
    *("data", "draw", "keep", "tv_min", "tv_max"),
)
"""Settings that change what is predicted, and with it the unit of the loss."""


@dataclass(frozen=True)
class SweepPoint:
    """One run of a sweep.

    Attributes:
        values: what the varied settings are.
        run: how far it came.
        result: score on a task, if there is one.
    """

    values: dict[str, Any]
    run: RunSummary
    result: Result | None = None

    @property
    def row(self) -> dict[str, Any]:
        """Everything that the table holds of it, by column; None where it is not known."""
        run, result = self.run, self.result
        return self.values | {
            "state": run.state,
            "step": run.step,
            "images": run.images,
            "loss": run.loss_last,
            "share_of_mean": run.loss_last / run.floor if run.loss_last is not None and run.floor else None,
            "images_per_second": run.images_per_second,
            "valid_score": result.valid_score if result else None,
            "score": result.score if result else None,
            "low": result.low if result and not math.isnan(result.low) else None,
            "high": result.high if result and not math.isnan(result.high) else None,
        }


def caveat(points: Sequence[SweepPoint]) -> str:
    """Say which losses of a sweep may be compared."""
    if not points:
        return "No run has begun yet."
    varied = [name for name in points[0].values if name in LOSS_SETTINGS]
    if not varied:
        harder = " More hidden patches are harder to predict." if "mask_ratio" in points[0].values else ""
        return f"All runs predict the same thing, so their losses may be compared.{harder}"
    return (
        f"Losses of runs that differ in {' or '.join(varied)} cannot be compared: they predict different "
        "things. share_of_mean divides each by the loss of predicting the mean; a score on a task says more."
    )


def best_by_validation(points: Sequence[SweepPoint]) -> str:
    """Say which run the validation clips of a task choose, and what the test clips say of it."""
    scored = [point for point in points if point.result and not math.isnan(point.result.valid_score)]
    if len(scored) < 2:
        return ""
    best = max(scored, key=lambda point: point.row["valid_score"])
    values = ", ".join(f"{name} = {value}" for name, value in best.values.items())
    return (
        f" Best on validation clips: {values}, at {100 * best.row['valid_score']:.1f} %; "
        f"test clips: {100 * best.row['score']:.1f} %."
    )


def points_table(points: Sequence[SweepPoint]) -> Table:
    """Lay a sweep out for the terminal."""
    table = Table(caption=caveat(points) + best_by_validation(points), caption_justify="left")
    for name in _columns(points):
        table.add_column(name, justify="left" if name == "state" else "right")
    for point in points:
        table.add_row(*(_word(point.row[name]) for name in _columns(points)))
    return table


def write_table(folder: Path, points: Sequence[SweepPoint]) -> None:
    """Write ``sweep.csv``, ``sweep.md`` and, of what was measured, ``loss.png`` and ``score.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = _columns(points)
    with (folder / "sweep.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(point.row for point in points)
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(_word(point.row[name]) for name in columns) + " |" for point in points]
    (folder / "sweep.md").write_text(
        "\n".join([*lines, "", caveat(points) + best_by_validation(points), ""]), encoding="utf-8"
    )
    loss = "share_of_mean" if any(point.row["share_of_mean"] is not None for point in points) else "loss"
    titles = {"loss": "loss", "share_of_mean": "loss, as a share of predicting the mean"}
    _map(folder / "loss.png", points, loss, titles[loss], low_is_good=True)
    if any(point.result for point in points):
        result = next(point.result for point in points if point.result)
        _map(folder / "score.png", points, "score", f"{result.task}, {result.metric}", low_is_good=False)


def _columns(points: Sequence[SweepPoint]) -> list[str]:
    """Return the columns of which anything is known."""
    names = list(points[0].row) if points else []
    return [name for name in names if any(point.row[name] is not None for point in points)]


def _map(path: Path, points: Sequence[SweepPoint], column: str, title: str, *, low_is_good: bool) -> None:
    """Draw the first of the varied settings down, and all others across."""
    known = [point for point in points if point.row[column] is not None]
    if not known:
        return
    first, *others = points[0].values
    places = {
        id(point): (str(point.values[first]), "\n".join(str(point.values[name]) for name in others))
        for point in points
    }
    rows, columns = (list(dict.fromkeys(names)) for names in zip(*places.values(), strict=True))
    found = {places[id(point)]: point.row[column] for point in known}
    values = [[found.get((down, across), math.nan) for across in columns] for down in rows]
    heat_map(
        path,
        values,
        rows=rows,
        columns=columns,
        titles=(first, ", ".join(others), title),
        low_is_good=low_is_good,
    )


def _word(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)
