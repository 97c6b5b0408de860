"""``trainer tasks export``: a task for other people's evaluators."""

from patterngen.terminal import print_report
from trainer.tasks.evaluators.export_config import TaskExportConfig


def run(config: TaskExportConfig) -> None:
    """Write a task as yavih or X-ARES reads it: the same clips, labels, folds and splits."""
    from trainer.tasks.evaluators.export import export_task

    print_report(export_task(config), json=config.json)
