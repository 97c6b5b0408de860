"""The registry: tasks by name, one file per published layout, found by themselves.

A module of this package registers a layout by decorating its class with `register`; nothing else has to
know of it, but for `found`, if its folder shall be recognised without being named.
"""

from dataclasses import fields, replace
from pathlib import Path

from patterngen.common.config import read_typed
from patterngen.common.registry import Registry
from patterngen.errors import unknown_name
from trainer.errors import TrainerError
from trainer.tasks.contract import Clip, Fold, Layout, Published, Task
from trainer.tasks.settings import read_task

__all__ = ["Clip", "Fold", "Layout", "Published", "Task", "find", "layouts", "load", "names", "register"]

_registry: Registry[Layout] = Registry("task", package=__name__, hint="trainer tasks")
register = _registry.register
layouts = _registry.classes


def names() -> tuple[str, ...]:
    """Return the names that `load` accepts, sorted."""
    return tuple(layouts())


def find(task: str, **settings: object) -> Layout:
    """Return the layout that a task names.

    Args:
        task: one of `names`; settings of the layout's own may follow, as in ``csv:label=pitch_class``.
        settings: more of them.

    Raises:
        PatternGenError: an unknown name or setting; the closest are offered.
        TrainerError: a setting out of range.
    """
    name, written = read_task(task)
    layout = _registry.find(name)
    accepted = [field.name for field in fields(layout)]
    for setting in (*written, *settings):
        if setting not in accepted:
            raise unknown_name(f"setting of task {name}", setting, accepted, "trainer tasks")
    read = {setting: read_typed(setting, text, layout, f"task {name}") for setting, text in written.items()}
    return layout(**read | settings)


def load(task: str, root: str | Path, **settings: object) -> Task:
    """Read a task from the folder it was published in.

    Args:
        task: as `find` takes it.
        root: the folder.
        settings: the layout's own, e.g. ``clip_seconds`` of ``csv``.

    Raises:
        PatternGenError: an unknown name or setting; the closest are offered.
        TrainerError: a folder that is missing, empty or laid out otherwise, or labels and folds that make
            no task (see `Task`).
    """
    layout = find(task, **settings)
    root = Path(root)
    if not root.is_dir():
        raise TrainerError(f"{root}: no such folder; give the one with the files of the task {task!r}")
    loaded = layout.load(root)
    # With settings it is another task, and its scores are told apart.
    return loaded if task == layout.name else replace(loaded, name=task)
