"""Classes found by themselves: every module of a package registers its own by a decorator."""

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable
from typing import ClassVar, Generic, Protocol, TypeVar

from patterngen.common.plugins import Plugin, PluginError, load_plugins
from patterngen.errors import PatternGenError, unknown_name


class Named(Protocol):
    """What can be registered: a class that says its name."""

    name: ClassVar[str]


T = TypeVar("T", bound=Named)
C = TypeVar("C", bound=type[Named])


class Registry(Generic[T]):
    """The classes of one kind, by name.

    Nothing is imported until a name is looked up.

    Args:
        kind: what they are, e.g. ``"family"``.
        package: the package whose modules register them.
        hint: the command that lists them.
        plugins: group of the entry points by which other distributions add modules that register theirs.
        adopt: called with each class of a plugin; it may change the class, or refuse it by PatternGenError.
    """

    def __init__(
        self,
        kind: str,
        *,
        package: str,
        hint: str,
        plugins: str | None = None,
        adopt: Callable[[type[T], Plugin], object] | None = None,
    ) -> None:
        self._kind, self._package, self._hint = kind, package, hint
        self._plugins = plugins
        self._adopt = adopt or (lambda cls, plugin: None)
        self._classes: dict[str, type[T]] = {}
        self._failures: dict[str, Exception] = {}
        self._discovered = False

    def register(self, cls: C) -> C:
        """Class decorator: make a class known under its ``name``."""
        if self._classes.get(cls.name, cls) is not cls:
            raise PatternGenError(f"the {self._kind} {cls.name!r} is registered twice: give one another name")
        self._classes[cls.name] = cls  # type: ignore[assignment]
        return cls

    def classes(self) -> dict[str, type[T]]:
        """Return every registered class by name, sorted."""
        if not self._discovered:
            for module in pkgutil.iter_modules(sys.modules[self._package].__path__):
                importlib.import_module(f"{self._package}.{module.name}")
            if self._plugins is not None:
                self._load_plugins(self._plugins)
            self._discovered = True
        return dict(sorted(self._classes.items()))

    def origins(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Return the modules beyond the package that have registered what one of the texts may name."""
        named = (cls for name, cls in self._classes.items() if any(name in text for text in texts))
        modules = {cls.__module__ for cls in named}
        return tuple(sorted(name for name in modules if not name.startswith(f"{self._package}.")))

    @property
    def failures(self) -> tuple[str, ...]:
        """Which plugins could not be loaded and why, a line each."""
        self.classes()
        return tuple(map(str, self._failures.values()))

    def find(self, name: str) -> type[T]:
        """Return the class of a name.

        Raises:
            PatternGenError: there is none; the closest names are offered, and plugins named that could not
                be loaded.
        """
        known = self.classes()
        if name in known:
            return known[name]
        if name in self._failures:
            raise PatternGenError(f"{self._kind} {name!r}: {self._failures[name]}")
        error = unknown_name(self._kind, name, known, self._hint)
        raise PatternGenError("; ".join([str(error), *self.failures])) if self._failures else error

    def _load_plugins(self, group: str) -> None:
        """Import what other distributions bring; one that fails takes nothing of the others away."""
        for plugin, failure in load_plugins(group):
            own = [cls for cls in self._classes.values() if plugin.owns(cls)]
            try:
                if failure is not None:
                    raise failure
                with plugin.blamed("be taken in"):
                    for cls in own:
                        self._adopt(cls, plugin)
            except (PluginError, PatternGenError) as error:
                said = str(error) if isinstance(error, PluginError) else f"{plugin}: {error}"
                self._failures[plugin.name] = PatternGenError(said)
                self._classes = {name: cls for name, cls in self._classes.items() if cls not in own}
