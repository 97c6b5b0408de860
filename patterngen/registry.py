"""Classes found by themselves: every module of a package registers its own by a decorator."""

import importlib
import pkgutil
import sys
from typing import ClassVar, Generic, Protocol, TypeVar

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
    """

    def __init__(self, kind: str, *, package: str, hint: str) -> None:
        self._kind, self._package, self._hint = kind, package, hint
        self._classes: dict[str, type[T]] = {}
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
            self._discovered = True
        return dict(sorted(self._classes.items()))

    def find(self, name: str) -> type[T]:
        """Return the class of a name.

        Raises:
            PatternGenError: there is none; the closest names are offered.
        """
        known = self.classes()
        if name not in known:
            raise unknown_name(self._kind, name, known, self._hint)
        return known[name]
