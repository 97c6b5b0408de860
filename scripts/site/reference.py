"""Pages of the reference, from the programs: every command with its settings, every public name."""

import dataclasses
import inspect
import textwrap
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import tyro

import patterngen
import patterngen.cli
import trainer
import trainer.cli
from patterngen.common.field_help import field_docs

PROGRAMS = {"patterngen": patterngen.cli, "trainer": trainer.cli}
LIBRARIES = (patterngen, trainer)


def write_reference(target: Path) -> None:
    """Write the pages of commands and of Python names into a folder."""
    target.mkdir(parents=True, exist_ok=True)
    for name, program in PROGRAMS.items():
        lines = [f"# Commands of `{name}`\n", f"{program.DESCRIPTION}\n"]
        for command in program.COMMANDS:
            lines += _command(name, command, program.COMMANDS[command])
        (target / f"{name}-commands.md").write_text("\n".join(lines), encoding="utf-8")
    for library in LIBRARIES:
        lines = [f"# Python names of `{library.__name__}`\n"]
        for public in library.__all__:
            lines += _name(library.__name__, public, getattr(library, public))
        (target / f"{library.__name__}-python.md").write_text("\n".join(lines), encoding="utf-8")


def _command(program: str, name: str, run: Any) -> Iterator[str]:
    """Describe a command: what it does, and a row for each of its settings."""
    (kind,) = [hint for parameter, hint in get_type_hints(run).items() if parameter != "return"]
    yield f"\n## {program} {name}\n"
    yield f"{inspect.getdoc(run)}\n"
    yield from _settings(kind, flags=True)


def _settings(kind: Any, *, flags: bool) -> Iterator[str]:
    """Yield a table of a dataclass's fields."""
    hints, docs = get_type_hints(kind, include_extras=True), field_docs(kind)
    yield "| setting | type | default | meaning |\n|---|---|---|---|"
    for field in dataclasses.fields(kind):
        extras = getattr(hints[field.name], "__metadata__", ())
        if not field.init or (flags and tyro.conf.Suppress in extras):
            continue
        shown = f"--{field.name.replace('_', '-')}" if flags else field.name
        if flags and tyro.conf.Positional in extras:
            shown = field.name.upper()
        cells = [_code(shown), _code(_type(hints[field.name])), _default(field), docs.get(field.name, "")]
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _type(hint: Any) -> str:
    """Write a type as people do: choices by their names."""
    base = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    parts = get_args(base)
    if get_origin(base) in (Union, types.UnionType):
        return " or ".join(_type(part) for part in parts if part is not type(None))
    if parts and get_origin(base) is tuple:
        return f"{_type(parts[0])}, again for more"
    if parts and all(isinstance(part, str | int) for part in parts):
        return ", ".join(map(str, parts))
    return str(getattr(base, "__name__", base))


def _default(field: "dataclasses.Field[Any]") -> str:
    if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
        return "required"
    value = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    if value is None or value in ((), ""):
        return ""
    return _code(", ".join(map(str, value)) if isinstance(value, tuple) else str(value))


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _name(library: str, name: str, what: Any) -> Iterator[str]:
    """Describe a public name: its signature and its docstring, and for a class its fields and methods."""
    if inspect.ismodule(what) or not callable(what):
        return
    yield f"\n## {name}\n"
    yield f"```python\n{library}.{_signature(name, what)}\n```\n"
    yield from _docstring(what)
    if not inspect.isclass(what):
        return
    if dataclasses.is_dataclass(what) and any(field_docs(what)):
        yield from _settings(what, flags=False)
    for method, member in vars(what).items():
        if not method.startswith("_") and inspect.isfunction(member) and inspect.getdoc(member):
            yield f"\n### {name}.{method}\n\n```python\n{_signature(method, member)}\n```\n"
            yield from _docstring(member)


def _signature(name: str, what: Any) -> str:
    if inspect.isclass(what) and dataclasses.is_dataclass(what):
        return f"{name}(…)"
    try:
        found = inspect.signature(what)
    except (TypeError, ValueError):
        return f"{name}(…)"
    if len(str(found)) < 80:
        return f"{name}{found}"
    inside = "".join(f"    {parameter},\n" for parameter in found.parameters.values())
    return f"{name}(\n{inside})"


def _docstring(what: Any) -> Iterator[str]:
    """Yield a docstring: its words as text, its sections (Args, Raises, Examples) as they are written."""
    text = inspect.getdoc(what) or ""
    words, section = [], ""
    for block in text.split("\n\n"):
        first = block.split("\n", 1)[0]
        if first in ("Args:", "Returns:", "Raises:", "Yields:", "Attributes:", "Examples:"):
            section = first.rstrip(":")
            body = textwrap.dedent(block.partition("\n")[2])
            language = "pycon" if section == "Examples" else "text"
            words.append(f"**{section}**\n\n```{language}\n{body}\n```")
        else:
            words.append(block if not section else f"```text\n{textwrap.dedent(block)}\n```")
    yield "\n\n".join(words) + "\n"
