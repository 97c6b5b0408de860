"""The work of a study, cell by cell: a dataset measured, a pre-training, one encoder tested on one task.

A cell is done once its file is there, which is written last and names the rows that it made. What was stopped
half way is done again, or gone on with, to the same rows.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from patterngen import PatternGenError, RunFailedError
from patterngen.storage.files import write_atomic
from patterngen.storage.texts import parse_json
from patterngen.terminal import print_notice
from trainer import digests
from trainer.errors import TrainerError
from trainer.pretraining.build import build_model
from trainer.pretraining.config import PretrainConfig, PretrainSpec, fixed_settings
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.run_summary import run_config, summarise_run
from trainer.results.rows import Evaluation
from trainer.study.measures import measure_dataset, measured_file, source_of
from trainer.study.plan import Plan, StudyRun
from trainer.tasks import load
from trainer.training.device import choose_device
from trainer.transfer.finetune import FinetuneConfig, finetune_task
from trainer.transfer.probe import probe_task
from trainer.transfer.probe_config import ProbeConfig
from trainer.transfer.task_features import TaskFeatures

_LAUNCHER = (
    *("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "GROUP_RANK"),
    *("MASTER_ADDR", "MASTER_PORT"),
)
_ARCHITECTURE = ("model", "image_size", "patch_size", "channels")


@dataclass(frozen=True)
class Cell:
    """One encoder tested on one task in one way, by its file.

    Attributes:
        run: pre-training that the encoder is of.
        task: name of the task in the study.
        kind: ``probe`` or ``finetune``.
        beside: whether the baselines of that architecture are tested with it.
        file: JSON that is there once the cell is done.
    """

    run: StudyRun
    task: str
    kind: str
    beside: bool
    file: Path

    @property
    def rows(self) -> frozenset[str] | None:
        """Digests of the rows that the cell made; None before it is done."""
        return frozenset(parse_json(self.file.read_bytes())["rows"]) if self.file.exists() else None


def cells(plan: Plan, out: Path, run: StudyRun) -> list[Cell]:
    """Return the cells of a run, in the order in which they are done."""
    alike = (other for other in plan.runs if _architecture(other) == _architecture(run))
    beside = next(alike) is run
    folder = out / "cells" / Path(run.config.out).name
    return [
        Cell(run, task, kind, beside, folder / f"{digests.of_values(task)[:8]}.{kind}.json")
        for task in plan.tasks
        for kind in plan.kinds
    ]


def check_work(plan: Plan, out: Path) -> None:
    """Refuse what would fail hours later: datasets, tasks, and folders that hold something else.

    Raises:
        PatternGenError: names it.
    """
    for task in plan.tasks.values():
        load(task.task, task.root)
    built: set[object] = set()
    for run in plan.runs:
        _check_folder(run.config)
        if not is_finished(run.config):
            _check_start(run, measured_file(out, run.dataset, run.config), built)
        for cell in cells(plan, out, run):
            if cell.file.exists() and parse_json(cell.file.read_bytes())["asked"] != _asked(plan, cell):
                raise TrainerError(
                    f"{cell.file}: was made with other settings of {cell.kind}; choose another --out"
                )


def do_runs(plan: Plan, out: Path, runs: Iterable[StudyRun]) -> dict[str, str]:
    """Measure, pre-train and test each of some runs, but for what is done already.

    A run that fails does not keep the others from being made.

    Args:
        plan: the study.
        out: folder of the study.
        runs: those to make.

    Returns:
        What went wrong, by the name of the run.
    """
    tasks: dict[str, TaskFeatures] = {}
    failed = {}
    for run in runs:
        try:
            _do_run(plan, out, run, tasks)
        except RunFailedError as error:
            failed[run.name] = str(error)
            say(f"{run.name} failed: {error}")
    return failed


def is_finished(config: PretrainConfig) -> bool:
    """Tell whether a run has come to its end and exported its encoder."""
    folder = Path(config.out)
    if not (folder / "config.yaml").exists():
        return False
    found = summarise_run(folder)
    return found.state == "finished" and found.export is not None


@contextmanager
def launcher_hidden() -> Iterator[None]:
    """Let torchrun's processes work each by itself: what it tells them is out of sight for a while."""
    told = {name: os.environ.pop(name) for name in _LAUNCHER if name in os.environ}
    try:
        yield
    finally:
        os.environ |= told


def own_device(device: str) -> str:
    """Return the device of this process: of several on one machine's GPUs each takes its own."""
    local = os.environ.get("LOCAL_RANK")
    if local is None or device not in ("auto", "cuda") or choose_device(device).type != "cuda":
        return device
    return f"cuda:{local}"


def say(line: str) -> None:
    """Say what is done now."""
    print_notice(f"study: {line}")


def _do_run(plan: Plan, out: Path, run: StudyRun, tasks: dict[str, TaskFeatures]) -> None:
    if plan.pictures:
        file = measured_file(out, run.dataset, run.config)
        # Of several seeds the first, whichever part of the work comes to it.
        alike = (other for other in plan.runs if measured_file(out, other.dataset, other.config) == file)
        measure_dataset(next(alike).config, plan.pictures, file)
    if not is_finished(run.config):
        say(f"{run.name}: run {1 + list(plan.runs).index(run)} of {len(plan.runs)}")
        pretrain(run.config)
    for cell in cells(plan, out, run):
        if cell.rows is None:
            say(f"{run.name}: {cell.kind} on {cell.task}")
            rows = _tested(plan, out, cell, tasks)
            content = {"asked": _asked(plan, cell), "rows": [row.sha256 for row in rows]}
            cell.file.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(cell.file, json.dumps(content, indent=1).encode())


def _tested(plan: Plan, out: Path, cell: Cell, tasks: dict[str, TaskFeatures]) -> list[Evaluation]:
    task = plan.tasks[cell.task]
    runs = (f"{cell.run.name}={cell.run.config.out}",)
    where: dict[str, Any] = {"task": task.task, "root": task.root, "run": runs, "out": str(out)}
    where["device"] = cell.run.config.device
    if cell.kind == "probe":
        probe = ProbeConfig(**where, **_tuples(plan.probe))
        data = tasks[cell.task] if cell.task in tasks else TaskFeatures(probe)
        tasks[cell.task] = data = data.of(runs)
        return probe_task(data, probe, beside=cell.beside)
    finetune = FinetuneConfig(**where, **_tuples(plan.finetune or {}))
    return finetune_task(TaskFeatures(finetune), finetune, beside=cell.beside)


def _asked(plan: Plan, cell: Cell) -> str:
    """Return the digest of what a cell was asked for, which options that come later do not change."""
    settings = plan.probe if cell.kind == "probe" else plan.finetune
    task, usual = plan.tasks[cell.task].task, fixed_settings(PretrainSpec(steps=1))
    settings_of_run = fixed_settings(cell.run.config).items()
    chosen = {name: value for name, value in settings_of_run if value != usual.get(name)}
    return digests.of_values(task, sorted((settings or {}).items()), chosen)


def _check_start(run: StudyRun, pictures: Path, built: set[object]) -> None:
    """Open a run's pictures and build its model, if neither was done for a run before."""
    if not {pictures, run.recipe} <= built:
        try:
            classes = source_of(run.config).num_classes
            if run.recipe not in built:
                build_model(run.config, 1, classes)
        except PatternGenError as error:
            raise TrainerError(f"{run.name}: {error}") from None
        built |= {pictures, run.recipe}


def _check_folder(config: PretrainConfig) -> None:
    """Refuse a folder that holds a run with other settings, even a finished one."""
    folder = Path(config.out)
    if not (folder / "config.yaml").exists():
        return
    held, asked = fixed_settings(run_config(folder)), fixed_settings(config)
    changes = "; ".join(
        f"{name}: {held.get(name)} → {asked.get(name)}"
        for name in {**held, **asked}
        if held.get(name) != asked.get(name)
    )
    if changes:
        raise TrainerError(f"{folder} holds a run with other settings ({changes}): choose another --out")


def _architecture(run: StudyRun) -> tuple[Any, ...]:
    return tuple(str(getattr(run.config, name)) for name in _ARCHITECTURE)


def _tuples(settings: Any) -> dict[str, Any]:
    """Return settings whose lists are tuples, as configs hold them."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
