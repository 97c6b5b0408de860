"""`trainer study`: a grid of datasets, recipes, seeds and tasks: the work, the table, the report."""

from pathlib import Path

from patterngen import RunFailedError
from patterngen.jobs.partition import Part
from patterngen.storage.locks import alone_in
from trainer.errors import TrainerError, check_folder
from trainer.study.begun import begin
from trainer.study.halving import mark_not_chosen, wanted
from trainer.study.plan import Plan, StudyRun
from trainer.study.report import write_report
from trainer.study.study_config import StudyConfig
from trainer.study.study_file import read_study
from trainer.study.table import Row, build_table, write_table
from trainer.study.work import check_work, do_runs, launcher_hidden, own_device


def study(config: StudyConfig) -> list[Row]:
    """Do this process's part of a study, but for what is done already, then write table and report.

    Returns:
        The rows of the table: of all parts, as far as they have come.

    Raises:
        PatternGenError: a file that is no study, clips or pictures that are not there, or a folder that holds
            another study.
        RunFailedError: some runs failed; names them.
    """
    check_folder(config.out)
    part, out = config.part, Path(config.out)
    plan = read_study(config.file, out, roots=_roots(config.root), device=own_device(config.device))
    return carry_out(plan, out, part)


def carry_out(plan: Plan, out: Path, part: Part) -> list[Row]:
    """Do part of a plan: see `study`."""
    with launcher_hidden():
        check_work(plan, out)
        begun = begin(plan, out)
        failed: dict[str, str] = {}
        own = {plan.runs[number].key for number in part.of(range(len(plan.runs)))}
        tried: set[tuple[str, str, int]] = set()
        while runs := [run for run in _wanted(plan, out) if run.key in own - tried]:
            failed |= do_runs(plan, out, runs)
            tried |= {run.key for run in runs}
        with alone_in(out, ".study.lock"):  # whoever comes last has seen what all others did
            rows = mark_not_chosen(plan, build_table(plan, out))
            write_table(plan, out, rows)
            write_report(plan, out, begun)
    if failed:
        errors = "; ".join(f"{name}: {error}" for name, error in failed.items())
        raise RunFailedError(f"{len(failed)} of {len(own)} runs failed ({errors}); run again to go on")
    return rows


def _wanted(plan: Plan, out: Path) -> list[StudyRun]:
    """Return the runs to make, which a halving can only tell of the scores that there are."""
    return list(plan.runs) if plan.halving is None else wanted(plan, build_table(plan, out))


def _roots(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in given:
        name, equals, folder = text.partition("=")
        if not equals or not name or not folder:
            raise TrainerError(f"--root {text}: give the name of a task and its folder, NAME=FOLDER")
        found[name] = folder
    return found
