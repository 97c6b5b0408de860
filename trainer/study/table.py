"""The table of a study: a row for each score that was planned, those that are missing too.

All numbers of a report are read from it.
"""

import csv
import io
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from patterngen.storage.files import write_atomic
from patterngen.storage.texts import parse_json
from trainer.errors import TrainerError
from trainer.pretraining.run_summary import summarise_run
from trainer.results.bootstrap import with_intervals
from trainer.results.differences import differences
from trainer.results.file import FILE, read_results
from trainer.results.rows import Evaluation, Result, summarise
from trainer.study.measures import measured_file, read_measures
from trainer.study.plan import Plan, StudyRun
from trainer.study.work import Cell, cells
from trainer.training.metrics_log import read_metrics

TABLE, CURVES = "table.csv", "curves.csv"
DONE, UNTESTED = "done", "not tested"
_MOST_POINTS = 100
"""Points of a learning curve."""
_NAN = math.nan


@dataclass(frozen=True, kw_only=True)
class Row:
    """One score of a study, or the place of one that is missing; NaN and empty texts where nothing is known.

    Attributes:
        state: ``done``, or what is missing: the pre-training, as its run tells, or the test.
        dataset: name of the dataset; empty for baselines.
        group: group of datasets that differ in a dial.
        recipe: name of the recipe.
        seed: seed of the pre-training.
        varied: settings that the recipe varies, as a JSON object.
        task: name of the task in the study.
        protocol: how the score was made, as in results.
        encoder: name in results; ``floor``, ``random`` and ``scratch`` are baselines.
        metric: accuracy or mAP.
        score: mean over folds and over the seeds of the test, in [0, 1].
        low: lower end of its 95 % interval, over test clips.
        high: upper end of its 95 % interval.
        valid_score: score of the validation clips.
        gain: score less that of untrained weights of the same architecture, in [−1, 1].
        gain_low: lower end of the gain's 95 % interval, over test clips.
        gain_high: upper end of the gain's 95 % interval.
        folds: folds that were tested.
        of_folds: folds that the task has.
        test_seeds: seeds of the test.
        clips: clips of the task.
        tv: Total Variation of the dataset's pictures.
        tv_iso: Total Variation, isotropic.
        tv_rgb: Total Variation over the channels.
        zlib_bpp: complexity of the pictures, bytes per pixel.
        slope: exponent of their power spectrum.
        brightness: mean luma of the pictures.
        contrast: deviation of luma within a picture.
        classes: classes of the measured pictures.
        pictures: pictures that were measured.
        loss: last loss of the pre-training.
        share_of_mean: last loss, as a share of the loss of predicting the mean.
        steps: optimiser steps of the pre-training.
        images: pictures that it saw.
        train_seconds: how long the pre-training took.
        test_seconds: how long the tests took.
        encoder_sha256: digest of the weights.
        data_sha256: digest of the clips.
        protocol_sha256: digest of the frozen protocol.
    """

    state: str
    dataset: str = ""
    group: str = ""
    recipe: str = ""
    seed: int = 0
    varied: str = "{}"
    task: str = ""
    protocol: str = ""
    encoder: str = ""
    metric: str = ""
    score: float = _NAN
    low: float = _NAN
    high: float = _NAN
    valid_score: float = _NAN
    gain: float = _NAN
    gain_low: float = _NAN
    gain_high: float = _NAN
    folds: int = 0
    of_folds: int = 0
    test_seeds: int = 0
    clips: int = 0
    tv: float = _NAN
    tv_iso: float = _NAN
    tv_rgb: float = _NAN
    zlib_bpp: float = _NAN
    slope: float = _NAN
    brightness: float = _NAN
    contrast: float = _NAN
    classes: int = 0
    pictures: int = 0
    loss: float = _NAN
    share_of_mean: float = _NAN
    steps: int = 0
    images: int = 0
    train_seconds: float = _NAN
    test_seconds: float = _NAN
    encoder_sha256: str = ""
    data_sha256: str = ""
    protocol_sha256: str = ""

    @property
    def is_baseline(self) -> bool:
        """Whether the row is no pre-trained encoder, but what encoders are compared with."""
        return not self.dataset

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings that the recipe varies, by name."""
        found: dict[str, Any] = parse_json(self.varied)
        return found

    @property
    def run(self) -> tuple[str, str, int]:
        """Dataset, recipe and seed, which tell the runs of a study apart."""
        return self.dataset, self.recipe, self.seed


TIMES = ("train_seconds", "test_seconds")
"""Columns that differ when the same study is made again."""


def build_table(plan: Plan, out: Path) -> list[Row]:
    """Make the table of what there is, in the order of the plan.

    Raises:
        TrainerError: results that are damaged.
    """
    evaluations: dict[str, Evaluation] = {}
    if (out / FILE).exists():
        for row in read_results(out):
            before = evaluations.get(row.sha256)
            if before is None or row.finished >= before.finished:
                evaluations[row.sha256] = row
    found: dict[Path, list[Result]] = {}
    every = {run.key: cells(plan, out, run) for run in plan.runs}
    for cell in (cell for several in every.values() for cell in several):
        if (made := cell.rows) is not None:
            found[cell.file] = summarise(row for sha256, row in evaluations.items() if sha256 in made)
    flat = with_intervals(result for results in found.values() for result in results)
    scored = iter(flat)
    found = {file: [next(scored) for _ in results] for file, results in found.items()}
    gains = _gains(flat)
    rows = []
    for run in plan.runs:
        of_run = _of_run(run, out)
        for cell in every[run.key]:
            results = found.get(cell.file, [])
            rows += [_row(result, cell, of_run, gains) for result in results]
            if not any(not result.is_baseline for result in results):
                rows += [_missing(cell, protocol, of_run) for protocol in _protocols(plan, cell)]
        if not every[run.key]:
            rows.append(Row(**of_run | {"encoder": run.name}))
    return rows


def write_table(plan: Plan, out: Path, rows: Sequence[Row]) -> None:
    """Write ``table.csv``, and ``curves.csv`` of the losses while the runs learned."""
    _write(out / TABLE, [each.name for each in fields(Row)], (vars(row).values() for row in rows))
    _write(out / CURVES, ["dataset", "recipe", "seed", "step", "loss"], _curves(plan))


def read_table(out: Path) -> list[Row]:
    """Read what `write_table` wrote.

    Raises:
        TrainerError: no table there, or not one of ours.
    """
    kinds = {each.name: each.type for each in fields(Row)}
    rows = []
    for line in _read(out / TABLE, list(kinds)):
        values: dict[str, Any] = {}
        for name, text in line.items():
            kind: Any = kinds[name]
            values[name] = _NAN if kind is float and not text else kind(text)
        rows.append(Row(**values))
    return rows


def read_curves(out: Path) -> dict[tuple[str, str, int], list[tuple[int, float]]]:
    """Read the losses of each run: steps and losses, by dataset, recipe and seed."""
    found: dict[tuple[str, str, int], list[tuple[int, float]]] = defaultdict(list)
    for line in _read(out / CURVES, ["dataset", "recipe", "seed", "step", "loss"]):
        key = line["dataset"], line["recipe"], int(line["seed"])
        found[key].append((int(line["step"]), float(line["loss"])))
    return dict(found)


def _of_run(run: StudyRun, out: Path) -> dict[str, Any]:
    """Return the columns that a pre-training decides."""
    begun = (Path(run.config.out) / "config.yaml").exists()
    summary = summarise_run(run.config.out) if begun else None
    measures = read_measures(measured_file(out, run.dataset, run.config))
    state = "not begun" if summary is None else DONE if summary.state == "finished" else summary.state
    columns: dict[str, Any] = {
        "state": state,
        "dataset": run.dataset,
        "group": run.group,
        "recipe": run.recipe,
        "seed": run.config.seed,
        "varied": json.dumps(run.varied, sort_keys=True, ensure_ascii=False),
    }
    if measures is not None:
        columns |= vars(measures)
    if summary is not None:
        columns |= {
            "loss": _or_nan(summary.loss_last),
            "share_of_mean": _NAN
            if summary.loss_last is None or not summary.floor
            else summary.loss_last / summary.floor,
            "steps": summary.step,
            "images": summary.images,
            "train_seconds": round(summary.seconds, 1),
        }
    return columns


def _row(
    result: Result, cell: Cell, of_run: Mapping[str, Any], gains: Mapping[tuple[str, ...], Result]
) -> Row:
    gain = gains.get(_key(result))
    columns = {"state": DONE, "recipe": of_run["recipe"]} if result.is_baseline else dict(of_run)
    return Row(
        **columns
        | {
            "state": DONE,
            "task": cell.task,
            "protocol": result.protocol,
            "encoder": result.encoder,
            "metric": result.metric,
            "score": result.score,
            "low": result.low,
            "high": result.high,
            "valid_score": result.valid_score,
            "gain": gain.score if gain else _NAN,
            "gain_low": gain.low if gain else _NAN,
            "gain_high": gain.high if gain else _NAN,
            "folds": len(result.folds),
            "of_folds": result.of_folds,
            "test_seeds": result.seeds,
            "clips": result.clips,
            "test_seconds": result.seconds,
            "encoder_sha256": result.encoder_sha256,
            "data_sha256": result.data_sha256,
            "protocol_sha256": result.protocol_sha256,
        }
    )


def _missing(cell: Cell, protocol: str, of_run: Mapping[str, Any]) -> Row:
    state = UNTESTED if of_run["state"] == DONE else f"pre-training {of_run['state']}"
    own = {"state": state, "task": cell.task, "protocol": protocol, "encoder": cell.run.name}
    return Row(**dict(of_run) | own)


def _protocols(plan: Plan, cell: Cell) -> Sequence[str]:
    """Return the protocols that a cell was to have scores of, by the first words of their names."""
    if cell.kind == "finetune":
        return (f"finetune ({(plan.finetune or {}).get('selection', 'last')})",)
    return [name for name in plan.protocols if name != "finetune"]


def _gains(results: Sequence[Result]) -> dict[tuple[str, ...], Result]:
    """Return how much better each result is than untrained weights on the same clips."""
    found: dict[tuple[str, ...], Result] = {}
    for baseline in ("random", "scratch"):
        if any(result.encoder.startswith(baseline) for result in results):
            found |= {_key(row): row for row in differences(results, baseline).results}
    return found


def _key(result: Result) -> tuple[str, ...]:
    return result.task, result.protocol, result.encoder, result.encoder_sha256, result.settings


def _curves(plan: Plan) -> Iterable[tuple[object, ...]]:
    for run in plan.runs:
        points = read_metrics(Path(run.config.out))
        every = max(1, -(-len(points) // _MOST_POINTS))
        for point in points[every - 1 :: every]:
            yield *run.key, int(point["step"]), point["loss"]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow("" if value != value else value for value in row)  # NaN is nothing
    write_atomic(path, text.getvalue().encode())


def _read(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    if not path.is_file():
        raise TrainerError(f"{path}: no such file; give a folder that `trainer study --out` wrote to")
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != columns:
            raise TrainerError(f"{path}: has other columns than a study's table")
        return list(reader)


def _or_nan(value: float | None) -> float:
    return _NAN if value is None else value
