"""Tasks for other people's evaluators."""

from dataclasses import dataclass
from pathlib import Path

from patterngen.escape import visible
from patterngen.terminal import print_notice
from trainer.errors import TrainerError, check_folder
from trainer.tasks import load
from trainer.tasks.evaluators.export_config import Evaluator, TaskExportConfig
from trainer.tasks.evaluators.xares_tars import write_tars
from trainer.tasks.evaluators.yavih_bench import write_bench


@dataclass(frozen=True, kw_only=True)
class ExportedTask:
    """What was written."""

    task: str
    evaluator: Evaluator
    out: str
    clips: int
    pieces: int
    """Clips that were cut to the length that the task evaluates, or turned into WAV."""

    def __str__(self) -> str:
        cut = f", {self.pieces} of them cut or turned into WAV" if self.pieces else ""
        return f"{visible(self.out)}: {visible(self.task)} for {self.evaluator}, {self.clips} clips{cut}"


def export_task(config: TaskExportConfig) -> ExportedTask:
    """Write a task so that an evaluator of other people's reads it: the same clips, labels, folds and splits.

    Each clip is as long as the task evaluates it.

    Raises:
        PatternGenError: an unknown task or setting.
        TrainerError: a folder that cannot be read as the task, clips that are no sound, or a folder to write
            to that is there already or whose name the evaluator does not take.
    """
    folder = Path(config.out)
    check_folder(folder)
    if folder.exists() and any(folder.iterdir()):
        raise TrainerError(f"--out {folder}: there is something in it; name a new folder")
    task = load(config.name, config.root)
    for note in task.notes:
        print_notice(f"{task.name}: {note}")
    pieces = (write_bench if config.evaluator == "yavih" else write_tars)(task, folder)
    return ExportedTask(
        task=task.name, evaluator=config.evaluator, out=config.out, clips=len(task.clips), pieces=pieces
    )
