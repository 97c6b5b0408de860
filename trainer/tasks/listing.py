"""The tasks, as a user wants to see them: what they are, how large, under which licence, from where."""

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainer.tasks import layouts

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class TasksConfig:
    """How to list."""

    json: bool = False
    """Print JSON instead of a table."""


@dataclass(frozen=True, kw_only=True)
class TaskEntry:
    """One task; None where the size is the user's to know."""

    name: str
    summary: str
    """What the clips are: the first line of its layout's docstring."""
    clips: int | None
    classes: int | None
    seconds: float | None
    """The length at which the field evaluates a clip."""
    hours: float | None
    """About how much sound a complete copy is: clips times seconds."""
    parts: str
    """How it is split."""
    metric: str
    licence: str
    source: str
    """Where users get it."""
    layout: str
    """What its folder holds."""


def list_tasks() -> tuple[TaskEntry, ...]:
    """Describe every task, by name."""
    return tuple(
        TaskEntry(
            name=name,
            summary=_first_line(layout),
            clips=layout.published.clips,
            classes=layout.published.classes,
            seconds=layout.published.seconds,
            hours=None if layout.published.hours is None else round(layout.published.hours, 1),
            parts=layout.published.parts,
            metric="mAP" if layout.published.multi_label else "accuracy",
            licence=layout.licence,
            source=layout.source,
            layout=_first_line(layout.load).replace("``", ""),
        )
        for name, layout in layouts().items()
    )


def tasks_table(entries: tuple[TaskEntry, ...]) -> "Table":
    """Return a rich table: a row per task; `sources` says where they come from."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, highlight=False)
    table.add_column("task", no_wrap=True)
    table.add_column("what", ratio=5)
    for name in ("clips", "classes", "hours"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("split", ratio=3)
    table.add_column("metric", no_wrap=True)
    table.add_column("licence", ratio=3)
    for entry in entries:
        numbers = [_number(value) for value in (entry.clips, entry.classes, entry.hours)]
        what = entry.summary.removesuffix(".")
        table.add_row(entry.name, what, *numbers, entry.parts, entry.metric, entry.licence)
    return table


def sources(entries: tuple[TaskEntry, ...]) -> str:
    """Return where users get each task, a line each, so that addresses can be copied whole."""
    width = max(len(entry.name) for entry in entries)
    return "\n".join(f"{entry.name:<{width}}  {entry.source}" for entry in entries)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}".replace(",", " ") if value >= 10 else f"{value:g}"


def _first_line(documented: object) -> str:
    return (inspect.getdoc(documented) or "").split("\n", 1)[0]
