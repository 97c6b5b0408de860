"""Rows of results: made, shown, and kept."""

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from rich.table import Table

from trainer.transfer.scores import confidence

COMPANIONS = ("random", "scratch", "log-mel")
"""How the names of rows begin that stand beside the encoders, for comparison."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One row of a table of results.

    Attributes:
        task: name of the task.
        protocol: how the score was made: ``linear``, ``finetune (last)`` …
        encoder: which encoder, or ``random``, ``scratch``, ``log-mel floor``.
        metric: ``accuracy`` or ``mAP``.
        score: mean over seeds of the mean over folds, in [0, 1].
        ci95: half width of its 95 % confidence interval over seeds; NaN with one seed.
        folds: scores of each fold, averaged over seeds.
        seeds: how many.
        clips: how many the task has.
        seconds: that it took.
    """

    task: str
    protocol: str
    encoder: str
    metric: str
    score: float
    ci95: float
    folds: dict[str, float]
    seeds: int
    clips: int
    seconds: float

    @property
    def companion(self) -> bool:
        """Whether the row is no pre-trained encoder, but what encoders are compared with."""
        return self.encoder.startswith(COMPANIONS)


def summarise(
    by_seed: Sequence[dict[str, float]],
    *,
    task: str,
    protocol: str,
    encoder: str,
    metric: str,
    clips: int,
    seconds: float,
) -> Result:
    """Make a row of the scores of each fold, one dict per seed."""
    per_seed = [float(np.mean(list(folds.values()))) for folds in by_seed]
    names = list(by_seed[0])
    return Result(
        task=task,
        protocol=protocol,
        encoder=encoder,
        metric=metric,
        score=float(np.mean(per_seed)),
        ci95=confidence(per_seed),
        folds={name: float(np.mean([folds[name] for folds in by_seed])) for name in names},
        seeds=len(by_seed),
        clips=clips,
        seconds=round(seconds, 1),
    )


def results_table(results: Sequence[Result]) -> Table:
    """Lay results out as a table, scores in percent."""
    table = Table(title=None)
    for column in ("task", "protocol", "encoder"):
        table.add_column(column)
    for column in ("score, %", "± 95 % CI", "folds", "seeds", "s"):
        table.add_column(column, justify="right")
    for row in results:
        spread = "–" if math.isnan(row.ci95) else f"{100 * row.ci95:.1f}"
        values = [100 * value for value in row.folds.values()]
        table.add_row(
            row.task,
            row.protocol,
            row.encoder,
            f"{100 * row.score:.1f}",
            spread,
            f"{min(values):.0f} … {max(values):.0f}" if len(values) > 1 else "1",
            str(row.seeds),
            f"{row.seconds:.0f}",
        )
    return table


def write_results(folder: Path, results: Sequence[Result]) -> None:
    """Write ``results.csv``, and ``results.jsonl`` with every fold; what was there is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = [field.name for field in fields(Result) if field.name != "folds"]
    with (folder / "results.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(asdict(row) for row in results)
    lines = "".join(
        json.dumps(asdict(row) | {"ci95": None if math.isnan(row.ci95) else row.ci95}) + "\n"
        for row in results
    )
    (folder / "results.jsonl").write_text(lines, encoding="utf-8")
