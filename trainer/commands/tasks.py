"""``trainer tasks``: what encoders can be evaluated on."""

from dataclasses import asdict

from patterngen.common.tables import print_table
from patterngen.terminal import print_json, print_lines
from trainer.tasks.listing import TasksConfig, list_tasks, sources, tasks_table


def run(config: TasksConfig) -> None:
    """List the tasks that encoders can be evaluated on: their sizes, licences and where to get them."""
    entries = list_tasks()
    if config.json:
        print_json([asdict(entry) for entry in entries])
    else:
        print_table(tasks_table(entries))
        print_lines(f"{sources(entries)}\n\ntrainer tasks check NAME --root DIR counts what a folder holds.")
