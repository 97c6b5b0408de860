"""Code that other distributions bring through entry points, and what becomes of it when it fails.

A failure is told in one line that names the plugin and its distribution. Its traceback goes to the log
``patterngen`` of Python's `logging`, which writes to stderr unless the program says otherwise.
"""

import logging
import multiprocessing
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from patterngen.errors import PatternGenError, RunFailedError
from patterngen.escape import visible_lines


class PluginError(RunFailedError):
    """A plugin failed, which is no mistake of the user's."""


@dataclass(frozen=True)
class Plugin:
    """One entry point of an installed distribution."""

    name: str
    module: str
    distribution: str
    """Name and version."""

    def __str__(self) -> str:
        return f"plugin {self.name!r} of {self.distribution}"

    def owns(self, cls: type) -> bool:
        """Whether a class was made by the plugin's module, or by one below it."""
        return f"{cls.__module__}.".startswith(f"{self.module}.")

    @contextmanager
    def blamed(self, what: str, *, log: bool = True) -> Iterator[None]:
        """Turn whatever the plugin's code raises into a PluginError, but for PatternGenErrors.

        Args:
            what: what it could not do, after ``could not``.
            log: write the traceback to the log.
        """
        try:
            yield
        except PatternGenError:
            raise
        except (Exception, SystemExit) as error:
            text = f"{self} could not {what}: {type(error).__name__}: {' '.join(str(error).split())}"
            if log:
                _log(text, "".join(traceback.format_exception(error)))
            raise PluginError(f"{text} (its traceback is in the log)") from error


def load_plugins(group: str) -> Iterator[tuple[Plugin, PluginError | PatternGenError | None]]:
    """Import the modules that a group's entry points name; yield each plugin and why it could not be."""
    # What a worker cannot load, its parent could not either, and has said so.
    log = multiprocessing.parent_process() is None
    for point in sorted(entry_points(group=group), key=lambda point: (point.name, point.value)):
        plugin = Plugin(point.name, point.module, _distribution(point))
        try:
            with plugin.blamed("be loaded", log=log):
                point.load()
        except (PluginError, PatternGenError) as error:
            yield plugin, error
        else:
            yield plugin, None


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else "an unknown distribution"


@lru_cache(maxsize=64)  # a picture that fails is tried again, which need not be told again
def _log(message: str, trace: str) -> None:
    logging.getLogger("patterngen").error("%s\n%s", message, visible_lines(trace))
