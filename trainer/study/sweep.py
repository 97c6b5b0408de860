"""`trainer sweep`: the study of one dataset, whose recipes are a grid of settings from the command line."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from patterngen import PatternGenError
from patterngen.common.config import read_typed
from trainer.errors import TrainerError, check_folder
from trainer.pretraining.config import PretrainConfig, settings_of_run
from trainer.study.grid import combinations, name_of
from trainer.study.part import PartConfig
from trainer.study.plan import Plan, StudyRun, StudyTask, encoder_name
from trainer.study.study import carry_out
from trainer.study.table import Row
from trainer.study.work import own_device


@dataclass(frozen=True, kw_only=True)
class SweepConfig(PartConfig, PretrainConfig):
    """Settings of `pretrain` that all runs share, and those to vary."""

    over: tuple[str, ...]
    """A setting and its values: mask_ratio=0.5,0.75. May be repeated: every combination is a run."""
    task: str | None = None
    """Score every finished run by a linear probe on this task too, as `transfer probe` does."""
    root: str | None = None
    """Folder of the task's clips."""
    json: bool = False
    """Print the rows of the table as JSON."""

    def __post_init__(self) -> None:
        PretrainConfig.__post_init__(self)
        if (self.task is None) != (self.root is None):
            raise TrainerError("--task and --root belong together: give both, or neither")
        _ = self.part  # which checks itself
        parse_axes(self.over)


def sweep(config: SweepConfig) -> list[Row]:
    """Make every run of a grid that is not finished, then table and report of those that are.

    Run again, it passes over finished runs and goes on with those that were stopped. A run that fails does
    not keep the others from being made.

    Returns:
        The rows of the table: of this part of the grid and of others.

    Raises:
        TrainerError: a setting that cannot be varied so, or a folder that holds a run with other settings.
        RunFailedError: some runs failed; names them.
    """
    check_folder(config.out)
    return carry_out(sweep_plan(config), Path(config.out), config.part)


def sweep_plan(config: SweepConfig) -> Plan:
    """Return the study that a sweep is.

    Raises:
        TrainerError: settings that cannot work, or two runs that would share a folder.
    """
    plain = replace(settings_of_run(config), device=own_device(config.device))
    dataset = "+".join(Path(text).name for text in config.data or config.draw) or "pictures"
    runs = []
    for values in combinations(parse_axes(config.over), "--over"):
        name = name_of(values)
        try:
            run = replace(plain, **values, out=str(Path(config.out) / name))
        except TrainerError as error:
            raise TrainerError(f"{name}: {error}") from None
        runs.append(
            StudyRun(
                dataset=dataset, group="", recipe=name, varied=values, config=run, name=encoder_name(name)
            )
        )
    tasks = {}
    if config.task is not None and config.root is not None:
        tasks[config.task] = StudyTask(task=config.task, root=config.root)
    return Plan(
        title=f"Sweep of {', '.join(runs[0].varied)}",
        definition={},  # a grid of another size may be asked for: its runs are compared one by one
        runs=runs,
        tasks=tasks,
        probe={"protocol": ["linear"], "precision": config.precision},
    )


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
    if not axes:
        raise TrainerError("--over asks for 0 runs: give a setting and its values, as mask_ratio=0.5,0.75")
    combinations(axes, "--over")
    return axes
