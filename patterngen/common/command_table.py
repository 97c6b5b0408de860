"""The commands of a program by name, each in a module of its own."""

import ast
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from inspect import getdoc
from pathlib import Path
from typing import Any

from patterngen.errors import missing_package

Command = Callable[[Any], object]
"""A function of one dataclass, whose fields are its flags."""


class CommandTable(Mapping[str, Command]):
    """Commands by name, as `console.run` takes them: a module is imported when its command is looked up.

    Args:
        package: the package of the modules.
        modules: for each command the name of its module, whose function ``run`` it is.
        extra: the extra of patterngen that holds what these modules import beside its base; none by default.
    """

    def __init__(self, package: str, modules: Mapping[str, str], *, extra: str = "") -> None:
        self._package, self._modules, self._extra = package, modules, extra

    def __getitem__(self, name: str) -> Command:
        module = self._modules[name]
        try:
            command: Command = import_module(f"{self._package}.{module}").run
        except ModuleNotFoundError as error:
            if not self._extra:
                raise
            raise missing_package(error, self._extra) from error
        return command

    def summary(self, name: str) -> str:
        """Return the first line of what a command says of itself, without importing it: some take long."""
        spec = find_spec(f"{self._package}.{self._modules[name]}")
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"{self._package}.{self._modules[name]}")
        module = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
        run = next(node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == "run")
        return _first_line(ast.get_docstring(run))

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __contains__(self, name: object) -> bool:
        return name in self._modules


def summary(commands: Mapping[str, Command], name: str) -> str:
    """Return the first line of a command's help."""
    if isinstance(commands, CommandTable):
        return commands.summary(name)
    return _first_line(getdoc(commands[name]))


def _first_line(text: str | None) -> str:
    return (text or "").split("\n", 1)[0]
