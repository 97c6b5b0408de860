"""`trainer sweep`: plain runs over a grid of settings, in one folder, one after another."""

import itertools
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from patterngen import PatternGenError, RunFailedError
from patterngen.common.config import read_typed
from patterngen.terminal import print_notice
from trainer.errors import TrainerError, check_folder
from trainer.pretraining.config import PretrainConfig, fixed_settings, settings_of_run
from trainer.pretraining.pretrain import pretrain
from trainer.pretraining.run_summary import run_config, summarise_run
from trainer.study.sweep_table import SweepPoint, write_table
from trainer.tasks import load
from trainer.transfer.probe import transfer_probe
from trainer.transfer.probe_config import ProbeConfig

_UNFIT = re.compile(r"[^\w.+-]+")
"""What has no place in the name of a folder."""
_MOST = 1000
"""Nobody means a larger grid."""


@dataclass(frozen=True, kw_only=True)
class SweepConfig(PretrainConfig):
    """Settings of `pretrain` that all runs share, and those to vary."""

    over: tuple[str, ...]
    """A setting and its values: mask_ratio=0.5,0.75. May be repeated: every combination is a run."""
    part: str | None = None
    """Do only this part of the runs, as 1/4, where several machines share a folder."""
    task: str | None = None
    """Score every finished run by a linear probe on this task too, as `transfer probe` does."""
    root: str | None = None
    """Folder of the task's clips."""
    json: bool = False
    """Print JSON instead of a table."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.task is None) != (self.root is None):
            raise TrainerError("--task and --root belong together: give both, or neither")
        _part(self.part)
        parse_axes(self.over)


def sweep(config: SweepConfig) -> list[SweepPoint]:
    """Make every run of a grid that is not finished, then a table of those that are.

    Run again, it passes over finished runs and goes on with those that were stopped. A run that fails does
    not keep the others from being made.

    Returns:
        What is known of every run of the grid, of this part or another.

    Raises:
        TrainerError: a setting that cannot be varied so, or a folder that holds a run with other settings.
        RunFailedError: some runs failed; names them.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise TrainerError("a sweep is one process: share it by --part 1/N, --part 2/N … instead of torchrun")
    check_folder(config.out)
    if config.task is not None and config.root is not None:
        load(config.task, config.root)  # a mistake in these should not wait for the runs
    runs = grid_configs(config)
    for run in runs.values():
        _check(run)
    place, places = _part(config.part)
    failed: dict[str, str] = {}
    for number, (values, run) in enumerate(runs.items()):
        if number % places != place or _is_finished(run):
            continue
        _say(f"run {number + 1} of {len(runs)}: {run.out}")
        try:
            pretrain(run)
        except RunFailedError as error:
            failed[name_of(dict(values))] = str(error)
            _say(f"failed: {error}")
    found = [
        SweepPoint(dict(values), summarise_run(run.out))
        for values, run in runs.items()
        if (Path(run.out) / "config.yaml").exists()
    ]
    write_table(Path(config.out), found)
    if config.task is not None:
        found = _scored(config, found)
        write_table(Path(config.out), found)
    if failed:
        errors = "; ".join(f"{name}: {error}" for name, error in failed.items())
        raise RunFailedError(f"{len(failed)} of {len(runs)} runs failed ({errors}); run again to go on")
    return found


def parse_axes(over: tuple[str, ...]) -> dict[str, list[Any]]:
    """Read ``name=value,value``, each value as YAML and of its setting's type.

    Raises:
        TrainerError: no such setting, one that runs of a sweep cannot differ in, or values that it cannot
            have.
    """
    axes: dict[str, list[Any]] = {}
    for text in over:
        name, equals, values = text.partition("=")
        name = name.strip().removeprefix("--").replace("-", "_")
        if not equals or not values:
            raise TrainerError(f"--over {text}: give a setting and its values, as mask_ratio=0.5,0.75")
        if name in axes or name in ("out", "resume", "stop_at"):
            what = "is varied already" if name in axes else "is not for a sweep to vary"
            raise TrainerError(f"--over {text}: {name} {what}")
        # Each value of a setting that takes several (--data) is one that stands alone.
        many = any(f.name == name and isinstance(f.default, tuple) for f in fields(PretrainConfig))
        try:
            axes[name] = [
                (value,) if many else read_typed(name, value, PretrainConfig, f"--over {text}")
                for value in values.split(",")
            ]
        except PatternGenError as error:
            raise TrainerError(str(error)) from None
        if len(set(axes[name])) < len(axes[name]):
            raise TrainerError(f"--over {text}: names a value twice")
    count = 1
    for choices in axes.values():
        count *= len(choices)
    if not axes or count > _MOST:
        raise TrainerError(f"--over asks for {count if axes else 0} runs: give from 1 to {_MOST}")
    return axes


def grid_configs(config: SweepConfig) -> dict[tuple[tuple[str, Any], ...], PretrainConfig]:
    """Return the settings of every run of a sweep, by what is varied.

    Raises:
        TrainerError: settings that cannot work, or two runs that would share a folder.
    """
    axes = parse_axes(config.over)
    plain = settings_of_run(config)
    runs = {}
    for values in itertools.product(*axes.values()):
        varied = tuple(zip(axes, values, strict=True))
        out = str(Path(config.out) / name_of(dict(varied)))
        try:
            runs[varied] = replace(plain, **dict(varied), out=out)
        except TrainerError as error:
            raise TrainerError(f"{name_of(dict(varied))}: {error}") from None
    if len({run.out for run in runs.values()}) < len(runs):
        raise TrainerError("values that differ only in punctuation would share a folder: rename them")
    return runs


def name_of(values: Mapping[str, Any]) -> str:
    """Name a run after what is varied: ``mask_ratio=0.5,patch_size=8``, fit for a folder."""
    words = {
        name: "+".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for name, value in values.items()
    }
    return ",".join(f"{name}={_UNFIT.sub('-', word)}" for name, word in words.items())


def _part(text: str | None) -> tuple[int, int]:
    """Read ``2/4`` as (1, 4): the second of four parts."""
    if text is None:
        return 0, 1
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    number, count = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= count:
        raise TrainerError(f"--part {text}: give the part and their number, as 1/4 … 4/4")
    return number - 1, count


def _check(run: PretrainConfig) -> None:
    """Refuse a folder that holds a run with other settings, even a finished one."""
    folder = Path(run.out)
    if not (folder / "config.yaml").exists():
        return
    held, asked = fixed_settings(run_config(folder)), fixed_settings(run)
    changes = "; ".join(
        f"{name}: {held[name]} → {asked[name]}" for name in asked if held[name] != asked[name]
    )
    if changes:
        raise TrainerError(f"{folder} holds a run with other settings ({changes}): choose another --out")


def _is_finished(run: PretrainConfig) -> bool:
    folder = Path(run.out)
    if not (folder / "config.yaml").exists():
        return False
    found = summarise_run(folder)
    return found.state == "finished" and found.export is not None


def _scored(config: SweepConfig, found: list[SweepPoint]) -> list[SweepPoint]:
    """Add the scores of a linear probe to the runs that are finished."""
    assert config.task is not None
    assert config.root is not None
    done = {name_of(point.values): point for point in found if point.run.export}
    if not done:
        return found
    results = transfer_probe(
        ProbeConfig(
            task=config.task,
            root=config.root,
            run=tuple(f"{_encoder(name)}={point.run.run}" for name, point in done.items()),
            device=config.device,
            precision=config.precision,
            out=str(Path(config.out) / "transfer"),
            protocol=("linear",),
        )
    )
    scores = {row.encoder: row for row in results}
    scored = {name: replace(point, result=scores[_encoder(name)]) for name, point in done.items()}
    return [scored.get(name_of(point.values), point) for point in found]


def _encoder(name: str) -> str:
    """Name the encoder of a run after it, without the = that would divide the name from its path."""
    return name.replace("=", " ")


def _say(line: str) -> None:
    print_notice(f"sweep: {line}")
