"""What a person reads while kernels are compiled: how often it happens, for how long, and where they stay."""

import multiprocessing
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba.core import event

from patterngen.terminal import print_notice

PATIENCE = 1.0
"""Seconds that compiling may take before anything is said."""


class _Notice(event.Listener):
    """Told when Numba begins and ends to compile a function; one compiles the others that it calls."""

    def __init__(
        self, unsaved: Callable[[], str], folder: Callable[[], Path | None], cached_by: type
    ) -> None:
        self._unsaved, self._folder, self._cached_by = unsaved, folder, cached_by
        self._depth = 0
        self._start = 0.0
        self._said = False

    def on_start(self, event: Any) -> None:
        if self._depth == 0:
            self._start, self._said = time.monotonic(), False
            dispatcher = event.data["dispatcher"]
            self._module = dispatcher.py_func.__module__
            self._ours = isinstance(dispatcher._cache, self._cached_by)  # other libraries compile, too
        self._depth += 1
        if self._ours and not self._said and self._depth > 1 and time.monotonic() - self._start > PATIENCE:
            self._said = True
            often = "in every process" if self._unsaved() else "once for this machine"
            say(f"compiling the kernels of {self._module}: 5 to 30 s, {often} …")

    def on_end(self, event: Any) -> None:
        self._depth -= 1
        if self._depth == 0 and self._said:
            unsaved = self._unsaved()
            saved = f"not saved: {unsaved}" if unsaved else f"saved in {self._folder()}"
            say(f"compiled in {time.monotonic() - self._start:.0f} s, {saved}")


_silent = False


def silence() -> None:
    """Let nothing be said in this process."""
    global _silent
    _silent = True


@cache
def tell(unsaved: Callable[[], str], folder: Callable[[], Path | None], cached_by: type) -> None:
    """Tell on stderr from now on, in this process, when compiling kernels takes longer than `PATIENCE`.

    Worker processes say nothing: each would say the same.

    Args:
        unsaved: says why kernels are not saved; empty if they are.
        folder: says where they are saved.
        cached_by: what caches our kernels; of others, nothing is said.
    """
    if multiprocessing.parent_process() is None and not _silent:
        event.register("numba:compile", _Notice(unsaved, folder, cached_by))  # type: ignore[no-untyped-call]


def say(text: str) -> None:
    """Print a line on stderr."""
    print_notice(f"patterngen: {text}")
