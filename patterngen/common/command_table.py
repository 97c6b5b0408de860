"""The commands of a program by name, each in a module of its own."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from patterngen.common.console import Command


class CommandTable(Mapping[str, Command]):
    """Commands by name, as `console.run` takes them: a module is imported when its command is looked up.

    Args:
        package: the package of the modules.
        modules: for each command the name of its module, whose function ``run`` it is.
    """

    def __init__(self, package: str, modules: Mapping[str, str]) -> None:
        self._package, self._modules = package, modules

    def __getitem__(self, name: str) -> Command:
        command: Command = import_module(f"{self._package}.{self._modules[name]}").run
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __contains__(self, name: object) -> bool:
        return name in self._modules
