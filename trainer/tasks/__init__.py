"""The registry: tasks by name, one file per published layout, found by themselves.

A module of this package registers a layout by decorating its class with `register`; nothing else has to
know of it.
"""

from dataclasses import fields
from pathlib import Path

from patterngen import Registry, unknown_name
from trainer.errors import TrainerError
from trainer.tasks.contract import Clip, Fold, Layout, Task

__all__ = ["Clip", "Fold", "Layout", "Task", "layouts", "load", "names", "register"]

_registry: Registry[Layout] = Registry("task", package=__name__, hint="trainer transfer --help")
register = _registry.register
layouts = _registry.classes


def names() -> tuple[str, ...]:
    """Return the names that `load` accepts, sorted."""
    return tuple(layouts())


def load(name: str, root: str | Path, **settings: object) -> Task:
    """Read a task from the folder it was published in.

    Args:
        name: one of `names`.
        root: the folder.
        settings: the layout's own, e.g. ``clip_seconds`` of ``csv``.

    Raises:
        TrainerError: an unknown name or setting (the closest are offered), a folder that is missing, empty
            or laid out otherwise, or labels and folds that make no task (see `Task`).
    """
    layout = _registry.find(name)
    accepted = [field.name for field in fields(layout)]  # type: ignore[arg-type]
    for setting in settings:
        if setting not in accepted:
            raise unknown_name(f"setting of task {name}", setting, accepted, "trainer transfer --help")
    root = Path(root)
    if not root.is_dir():
        raise TrainerError(f"{root}: no such folder; give the folder that holds the task {name}")
    return layout(**settings).load(root)
