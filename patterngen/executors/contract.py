"""What executors share: what they are given, and what they tell."""

import contextlib
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.retry import FailureKind, failure_kind

Report = Callable[[int], None]
"""Told how many more pictures are done."""

Draw = Callable[[int, Report], object]
"""Draws one shard, completely or not at all, and may do so again; picklable for workers."""

ONE_THREAD = {
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "LP_NUM_THREADS": "0",  # llvmpipe then draws in the thread that asks
}
"""Each worker uses one thread: there are as many workers as the user wants cores."""


class Progress(Protocol):
    """What an executor tells of its progress: `patterngen.common.progress.Progress`, or anything like it."""

    def advance(self, n: int) -> None:
        """Count n more pictures as done."""

    def fail(self, n: int) -> None:
        """Count n more shards as failed."""


class Silent:
    """A `Progress` that shows nothing."""

    def advance(self, n: int) -> None:
        """Ignore it."""

    def fail(self, n: int) -> None:
        """Ignore it."""


class Tally:
    """Passes progress on, counting the pictures of a shard that is drawn again only once."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self._best: dict[int, int] = {}
        self._now: dict[int, int] = {}

    def begin(self, shard: int) -> None:
        """Note that a shard is begun, for the first time or again."""
        self._now[shard] = 0

    def advance(self, shard: int, n: int) -> None:
        """Count n more pictures of a shard as done, unless an earlier attempt had got as far."""
        self._now[shard] += n
        news = self._now[shard] - self._best.get(shard, 0)
        if news > 0:
            self._best[shard] = self._now[shard]
            self.progress.advance(news)


def error_line(error: BaseException) -> str:
    """One line: what was raised, and where."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return visible(f"{type(error).__name__}: {error}{where}")


def attempt(draw: Draw, shard: int, report: Report) -> tuple[str, Any]:
    """Draw a shard where nobody catches an exception, and tell what came of it.

    Returns:
        ``"done"`` and None; ``"error"`` with its description and kind; ``"end"`` with an error that ends
        the run, fit to be sent to another process.
    """
    try:
        draw(shard, report)
    except Exception as error:  # a family may raise anything
        kind = failure_kind(error)
        return (
            ("end", _portable(error)) if kind is FailureKind.FATAL else ("error", (error_line(error), kind))
        )
    return "done", None


def _portable(error: Exception) -> Exception:
    """Make an error that can be sent: one of a library's own need not survive that."""
    if isinstance(error, OSError):
        return OSError(error.errno, error.strerror, error.filename)
    return PatternGenError(str(error))


@contextlib.contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables that children inherit, for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
