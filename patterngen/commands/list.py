"""``patterngen list``: the families and their settings, as a reader wants to see them."""

import inspect
from dataclasses import MISSING, asdict, dataclass, fields
from typing import TYPE_CHECKING

import tyro

from patterngen.common.field_help import field_docs
from patterngen.common.plugins import PluginError
from patterngen.common.tables import print_table
from patterngen.errors import PatternGenError
from patterngen.families import Family, find, known_families
from patterngen.families.model.settings import setting_types
from patterngen.terminal import print_json, print_line, print_lines

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class ListConfig:
    """What to list."""

    family: tyro.conf.Positional[str | None] = None
    """Show this family's settings; without it, all families."""
    json: bool = False
    """Print JSON instead of a table."""


@dataclass(frozen=True)
class Setting:
    """One setting of a family."""

    name: str
    type: str
    """A type, or the values it takes."""
    default: object
    range: str
    """Values of a number, low … high, both included; empty for another type."""
    doc: str


@dataclass(frozen=True)
class FamilyEntry:
    """One family."""

    name: str
    summary: str
    """What one sees: the first line of its docstring."""
    source: str
    version: int
    repeats: str
    num_classes: int | None
    """Number of classes with the default settings; None for a family that these cannot make."""
    draws_rectangles: bool | None
    """Whether rectangles are drawn as such, not cut from squares; None likewise."""
    settings: tuple[Setting, ...]


def run(config: ListConfig) -> None:
    """List the families of patterns, or one family's settings."""
    entries = catalogue(config.family)
    if config.json:
        print_json([asdict(entry) for entry in entries])
    elif config.family is None:
        print_table(families_table(entries))
    else:
        entry = entries[0]
        print_line(f"{entry.name}, version {entry.version}: {entry.summary}")
        print_line(f"Source: {entry.source}")
        classes = "" if entry.num_classes is None else f" Classes: {entry.num_classes}."
        cut = " Rectangles are cut from the middle of squares." if entry.draws_rectangles is False else ""
        print_lines(f"Equal seeds give equal pictures {entry.repeats}.{classes}{cut}\n")
        if entry.settings:
            print_table(settings_table(entry))
        else:
            print_line("It has no settings.")


def catalogue(name: str | None = None) -> tuple[FamilyEntry, ...]:
    """Describe every family, or the one that is named.

    Raises:
        PatternGenError: no family has that name; the closest ones are offered.
    """
    return tuple(map(describe_family, known_families().values() if name is None else [find(name)]))


def describe_family(cls: type[Family]) -> FamilyEntry:
    """Read a family's name, words and settings off its class."""
    known = setting_types(cls)
    docs = field_docs(cls)
    made = _made(cls)
    return FamilyEntry(
        name=cls.name,
        summary=(inspect.getdoc(cls) or "").split("\n", 1)[0],
        source=cls.source,
        version=cls.version,
        repeats=cls.repeats,
        num_classes=None if made is None else made.num_classes,
        draws_rectangles=None if made is None else made.draws_rectangles,
        settings=tuple(
            Setting(
                name=field.name,
                type=str(known[field.name]),
                default=None if field.default is MISSING else field.default,
                range=str(known[field.name].range or ""),
                doc=docs.get(field.name, ""),
            )
            for field in fields(cls)  # type: ignore[arg-type]
        ),
    )


def _made(cls: type[Family]) -> Family | None:
    try:
        return cls()
    except (PatternGenError, PluginError):
        return None


def families_table(entries: tuple[FamilyEntry, ...]) -> "Table":
    """Return a rich table: a row per family."""
    table = _table()
    table.add_column("family", no_wrap=True)
    table.add_column("what one sees", ratio=3)
    table.add_column("source", ratio=2)
    for entry in entries:
        table.add_row(entry.name, entry.summary, entry.source)
    return table


def settings_table(entry: FamilyEntry) -> "Table":
    """Return a rich table: a row per setting of a family."""
    table = _table()
    for name in ("setting", "type", "default", "range"):
        table.add_column(name, no_wrap=name != "default", overflow="fold")
    table.add_column("meaning", ratio=1)
    for setting in entry.settings:
        table.add_row(setting.name, setting.type, f"{setting.default}", setting.range, setting.doc)
    return table


def _table() -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(box=SIMPLE_HEAD, pad_edge=False, highlight=False)
