"""`trainer sweep`: the study of one dataset, whose recipes are a grid of settings from the command line."""

from dataclasses import replace
from pathlib import Path

from trainer.errors import TrainerError, check_folder
from trainer.pretraining.config import settings_of_run
from trainer.study.grid import combinations, name_of
from trainer.study.plan import Plan, StudyRun, StudyTask, encoder_name
from trainer.study.study import carry_out
from trainer.study.sweep_config import SweepConfig, parse_axes
from trainer.study.table import Row
from trainer.study.work import own_device


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
