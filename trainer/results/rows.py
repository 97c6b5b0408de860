"""Evaluations, one for each training and test, and what they come to: means over folds and seeds."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from trainer import digests
from trainer.results.intervals import Resampled
from trainer.results.names import is_baseline
from trainer.results.predictions import Predictions


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """One training and one test: a row of ``results.parquet``.

    Attributes:
        task: name of the task, with its settings; of a user's own folder as ``notes (csv)``.
        protocol: how the score was made: ``linear``, ``knn``, ``finetune (last)`` …
        encoder: which encoder, or a baseline: ``floor``, ``random``, ``scratch``.
        fold: which clips were tested: ``fold 3``, or ``split`` where the task has fixed splits.
        folds: how many evaluations the task consists of; a score of fewer is not the task's.
        seed: the seed of the head, the order and the augmentations.
        metric: ``accuracy`` or ``mAP``.
        score: a number in [0, 1].
        clips: how many the task has.
        classes: how many labels.
        seconds: how long it took; of what several evaluations share, such as embedding, each bears a part.
        encoder_sha256: hash of the weights it began from, or of the architecture where each seed has random
            ones of its own; empty without an encoder.
        data_sha256: hash of the task's clips, labels and splits.
        pretraining_data: identity of the pictures that the encoder was pre-trained on, as its run folder
            tells; empty where none does.
        settings: settings of the encoder's input and of the protocol, as a JSON object.
        command: what makes it again.
        finished: when, ISO 8601 in UTC.
        version: this package's version.
        valid_score: score of the validation clips under the chosen settings, in [0, 1]; NaN where nothing was
            validated.
        chosen: what the validation clips chose, in words, as ``layer 6; strength 1.0e-03``; empty where
            they chose nothing.
        protocol_sha256: hash of everything that decides a score besides encoder and clips; empty in rows of
            earlier versions.
        predictions: outputs for the test clips, or the file beside the rows where they may lie; no column.
    """

    task: str
    protocol: str
    encoder: str
    fold: str
    folds: int
    seed: int
    metric: str
    score: float
    clips: int
    classes: int
    seconds: float
    encoder_sha256: str
    data_sha256: str
    pretraining_data: str
    settings: str
    command: str
    finished: str
    version: str
    valid_score: float = field(default=math.nan, compare=False)  # NaN is not equal to itself
    chosen: str = ""
    protocol_sha256: str = ""
    predictions: Predictions | Path | None = field(default=None, compare=False, repr=False)

    def columns(self) -> dict[str, Any]:
        """Return what the file of rows holds of it, by the name of the column."""
        return {name: getattr(self, name) for name in COLUMNS}

    @property
    def group(self) -> tuple[str, ...]:
        """What evaluations have in common whose scores may be averaged."""
        return (
            self.task,
            self.protocol,
            self.encoder,
            self.encoder_sha256,
            self.data_sha256,
            self.settings,
            self.protocol_sha256,
        )

    @property
    def sha256(self) -> str:
        """What tells it from other evaluations, and not from the same one made again."""
        return digests.of_values(*self.group, self.fold, self.seed)


OF_ENCODER = ("model", "input", "frames", "patch", "stride", "positions")
"""Settings of a row that are its encoder's and not its protocol's."""
COLUMNS = tuple(each.name for each in fields(Evaluation) if each.name != "predictions")


@dataclass(frozen=True, kw_only=True)
class Result:
    """What the evaluations of one encoder on one task come to.

    Attributes:
        task: name of the task.
        protocol: how the score was made: ``linear``, ``finetune (last)`` …
        encoder: which encoder, or ``floor``, ``random``, ``scratch``.
        metric: ``accuracy`` or ``mAP``.
        score: mean over seeds of the mean over folds, in [0, 1].
        valid_score: mean score of the validation clips, by which one of several encoders may be chosen;
            NaN where nothing was validated.
        low: lower end of its 95 % interval (see `trainer.results.bootstrap`); NaN where there is none.
        high: upper end of the 95 % interval.
        groups: number of groups (speakers, recordings, single clips) that were drawn from; 0 if none were.
        folds: scores of each fold, averaged over seeds.
        of_folds: how many the task has; a result of fewer is not the task's.
        seeds: number of seeds.
        clips: how many the task has.
        seconds: how long all its evaluations took together.
        settings: settings of the encoder's input and of the protocol, as a JSON object.
        encoder_sha256: hash of the weights it began from; see `Evaluation`.
        data_sha256: hash of the task's clips, labels and splits.
        command: what makes it again; several are joined by ``&&``.
        protocol_sha256: hash of everything that decides a score besides encoder and clips.
        rows: the evaluations it is of, where every seed has all folds; no column.
        resampled: score on resamples of the clips; no column.
    """

    task: str
    protocol: str
    encoder: str
    metric: str
    score: float
    valid_score: float = field(compare=False)  # NaN is not equal to itself
    low: float = math.nan
    high: float = math.nan
    groups: int = 0
    folds: dict[str, float]
    of_folds: int
    seeds: int
    clips: int
    seconds: float
    settings: str
    encoder_sha256: str
    data_sha256: str
    command: str
    protocol_sha256: str = ""
    rows: tuple[Evaluation, ...] = field(default=(), compare=False, repr=False)
    resampled: Resampled | None = field(default=None, compare=False, repr=False)

    def columns(self) -> dict[str, Any]:
        """Return what is told of it, by name."""
        names = (each.name for each in fields(self) if each.name not in ("rows", "resampled"))
        return {name: getattr(self, name) for name in names}

    @property
    def is_baseline(self) -> bool:
        """Whether the row is no pre-trained encoder, but what encoders are compared with."""
        return is_baseline(self.encoder)

    @property
    def part(self) -> str:
        """Which folds were evaluated, as ``fold 1 of 5``; empty if all were."""
        if len(self.folds) == self.of_folds:
            return ""
        return f"{', '.join(sorted(self.folds))} of {self.of_folds}"


def summarise(evaluations: Iterable[Evaluation]) -> list[Result]:
    """Average evaluations that differ in fold and seed alone, in the order in which they first come.

    Of two of the same fold and seed the one that finished last counts. A seed that lacks folds which others
    have is left out, as its mean would be one of other clips; where no seed has them all, the folds are
    averaged as they are. Evaluations of one task, protocol and encoder that differ
    in settings, weights or clips make a result each.
    """
    groups: dict[tuple[str, ...], dict[tuple[int, str], Evaluation]] = defaultdict(dict)
    for row in evaluations:
        rows = groups[row.group]
        before = rows.get((row.seed, row.fold))
        if before is None or row.finished >= before.finished:
            rows[row.seed, row.fold] = row
    return [_summary(list(rows.values())) for rows in groups.values()]


def _summary(rows: Sequence[Evaluation]) -> Result:
    by_seed: dict[int, dict[str, Evaluation]] = defaultdict(dict)
    for row in rows:
        by_seed[row.seed][row.fold] = row
    names = list(dict.fromkeys(row.fold for row in rows))
    complete = [found for found in by_seed.values() if len(found) == len(names)]
    counted = [row for found in complete or by_seed.values() for row in found.values()]
    folds = {name: _mean(row.score for row in counted if row.fold == name) for name in names}
    first = rows[0]
    return Result(
        task=first.task,
        protocol=first.protocol,
        encoder=first.encoder,
        metric=first.metric,
        score=_mean(folds.values()),
        valid_score=_mean(row.valid_score for row in counted),
        folds=folds,
        of_folds=first.folds,
        seeds=max(len(complete), 1),
        clips=first.clips,
        seconds=round(sum(row.seconds for row in counted), 1),
        settings=first.settings,
        encoder_sha256=first.encoder_sha256,
        data_sha256=first.data_sha256,
        command=" && ".join(dict.fromkeys(row.command for row in counted)),
        protocol_sha256=first.protocol_sha256,
        rows=tuple(counted) if complete else (),
    )


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
