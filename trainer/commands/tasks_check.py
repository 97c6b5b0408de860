"""``trainer tasks check``: whether a folder is fit to evaluate on."""

from patterngen.terminal import print_report
from trainer.tasks.check import TaskCheckConfig, check_task


def run(config: TaskCheckConfig) -> int:
    """Count a task's clips, classes, folds, durations and unreadable files; exits 1 if it is not usable."""
    found = check_task(config)
    print_report(found, json=config.json)
    return 0 if found.usable else 1
