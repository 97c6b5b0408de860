"""What a run folder says about its run, read from its files; no model is built and no picture read."""

import shlex
import statistics
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from patterngen import PatternGenError
from patterngen.common.config import load_config
from patterngen.storage.texts import parse_json
from patterngen.storage.walk import subfolders
from trainer.encoders.checkpoint import checkpoints
from trainer.encoders.exported import WEIGHTS
from trainer.errors import TrainerError
from trainer.pretraining.config import PretrainConfig
from trainer.pretraining.environment import ENVIRONMENT
from trainer.pretraining.facts import read_facts
from trainer.pretraining.run_words import RunSummary, State
from trainer.training.metrics_log import read_metrics


def summarise_run(folder: str | Path) -> RunSummary:
    """Read a run folder.

    Raises:
        TrainerError: no such folder, or one that `pretrain` did not begin.

    Examples:
        >>> from patterngen import DatasetSpec, RunOptions, render
        >>> from trainer import PretrainConfig, pretrain, summarise_run
        >>> spec = DatasetSpec(family=("perlin",), count=6, size=16)
        >>> report = render(spec, RunOptions(out="clouds"))
        >>> settings = {"image_size": 16, "patch_size": 8, "batch_size": 2, "workers": 0, "device": "cpu"}
        >>> config = PretrainConfig(data=("clouds",), out="run", steps=2, **settings)
        >>> run = summarise_run(pretrain(config))
        >>> run.state, run.step, run.images
        ('finished', 2, 4)
    """
    run = Path(folder)
    config = run_config(run)
    starts, dataset = _environment(run)
    facts = read_facts(run)
    rows = read_metrics(run)
    losses = [row["loss"] for row in rows]
    last = rows[-1] if rows else {"step": 0, "images": 0}
    end = starts[-1].get("end") if starts else None
    state: State = "not begun" if not starts else end["how"] if end else "running or killed"
    hardware = starts[-1].get("hardware", {}) if starts else {}
    processes = int(hardware.get("processes", 1))
    endless = facts is None or (config.draw and not config.draw[0].endswith((".yaml", ".yml")))
    export = run / "export"
    return RunSummary(
        run=str(run),
        state=state,
        error=end.get("error") if end else None,
        step=int(last["step"]),
        steps=facts.steps if facts else None,
        images=int(last["images"]),
        epochs=None if endless or facts is None else last["images"] / facts.pictures,
        settings=changed_settings(config),
        dataset=dataset,
        pictures=None if endless or facts is None else facts.pictures,
        loss_first=losses[0] if losses else None,
        loss_last=statistics.fmean(losses[-max(1, len(losses) // 20) :]) if losses else None,
        loss_best=min(losses, default=None),
        floor=facts.floor if facts else None,
        images_per_second=_middle(rows, "images_per_second", statistics.median),
        data_wait=_middle(rows, "data_wait", statistics.fmean),
        seconds=sum(_seconds(start, run) for start in starts),
        processes=processes,
        device=hardware.get("device"),
        checkpoints=tuple(path.name for path in checkpoints(run)),
        export=str(export) if (export / WEIGHTS).exists() else None,
        proceed=_proceed(run, config, state, processes),
    )


def run_config(run: Path) -> PretrainConfig:
    """Read the settings of a run.

    Raises:
        TrainerError: no such folder, or one that `pretrain` did not begin.
    """
    if not run.is_dir():
        raise TrainerError(f"{run}: no such folder; name one that `trainer pretrain` made with --out")
    if not (run / "config.yaml").is_file():
        inside = [folder.name for folder in subfolders(run) if (folder / "config.yaml").is_file()]
        hint = f"; runs inside it: {', '.join(inside[:8])}" if inside else ""
        raise TrainerError(f"{run}: is no run of `trainer pretrain`: it holds no config.yaml{hint}")
    try:
        config = load_config(run / "config.yaml", PretrainConfig)
    except PatternGenError as error:
        raise TrainerError(f"{run}: is no run of this version of `trainer pretrain`: {error}") from None
    if config.mirror is None:  # written when there was no setting, and all but the middle was mirrored
        config = replace(config, mirror=config.augment != "none")
    return config


def changed_settings(config: PretrainConfig) -> dict[str, Any]:
    """Return the settings that differ from their defaults, except where the run lies."""
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    defaults = {field.name: field.default for field in fields(config)}
    defaults["mirror"] = replace(config, mirror=None).mirrors
    values["mirror"] = config.mirrors
    return {name: value for name, value in values.items() if name != "out" and value != defaults[name]}


def _environment(run: Path) -> tuple[list[dict[str, Any]], str | None]:
    """Return the starts of a run and the hash of its pictures."""
    try:
        content = parse_json((run / ENVIRONMENT).read_bytes())
        return list(content["starts"]), str(content["dataset"])
    except (OSError, ValueError, KeyError, TypeError):
        return [], None


def _middle(rows: list[dict[str, float]], name: str, middle: Any) -> float | None:
    values = [row[name] for row in rows if name in row]
    return float(middle(values)) if values else None


def _seconds(start: dict[str, Any], run: Path) -> float:
    """Return how long a run went on after a start; up to its last line if nobody wrote down its end."""
    begin = datetime.fromisoformat(start["time"])
    if "end" in start:
        return (datetime.fromisoformat(start["end"]["time"]) - begin).total_seconds()
    file = run / "metrics.jsonl"
    if not file.exists():
        return 0.0
    written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return max(0.0, (written - begin).total_seconds())


def _proceed(run: Path, config: PretrainConfig, state: State, processes: int) -> str:
    """Return the command that a user would want next."""
    place = shlex.quote(str(run))
    if state == "finished":
        return f"trainer transfer probe --run {place} --task TASK --root FOLDER"
    program = "trainer"
    if processes > 1:
        program = f"torchrun --nproc-per-node {processes} -m trainer.cli"
    moved = "" if Path(config.out) == run else f" --out {place}"
    return f"{program} pretrain --config {shlex.quote(str(run / 'config.yaml'))}{moved}"
