"""What executors share: what they are given, what they tell, when a shard is given up."""

import contextlib
import errno
import os
import random
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol

from patterngen.errors import GaveUpError, PatternGenError
from patterngen.escape import visible

Report = Callable[[int], None]
"""Told how many more pictures are done."""

Draw = Callable[[int, Report], object]
"""Draws one shard, completely or not at all, and may do so again; picklable for workers."""

RETRIES = 2
"""How often a shard that failed is tried again unless the user says otherwise."""

ONE_THREAD = {
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "LP_NUM_THREADS": "0",  # llvmpipe then draws in the thread that asks
}
"""Each worker uses one thread: there are as many workers as the user wants cores."""

_LONGEST_PAUSE = 30.0
_FOR_ALL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}


class Progress(Protocol):
    """What an executor tells of its progress: `patterngen.progress.Progress`, or anything like it."""

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


class Verdict(Enum):
    """What an error means for the run."""

    END = auto()
    """Every other shard would meet it too: a mistake of the user's, a full disk. The run ends."""
    GIVE_UP = auto()
    """It was tried often enough; the other shards go on."""
    WAIT = auto()
    """It may be gone in a moment: a file server restarts, memory is short."""
    AGAIN = auto()
    """Chance, or a family that will raise again, now or later."""


def judge(error: BaseException) -> Verdict:
    """Tell what an error means for the run."""
    if isinstance(error, GaveUpError):
        return Verdict.GIVE_UP
    if isinstance(error, PatternGenError) or (isinstance(error, OSError) and error.errno in _FOR_ALL):
        return Verdict.END
    return Verdict.WAIT if isinstance(error, OSError | MemoryError) else Verdict.AGAIN


@dataclass(frozen=True)
class Retry:
    """How often a shard is tried, and how long to wait for what may pass."""

    retries: int = RETRIES
    """Attempts after the first."""
    pause: float = 1.0
    """Seconds before the first retry; doubled for each after it."""

    def again(self, verdict: Verdict, failed: int) -> bool:
        """Tell whether to try a shard again after so many failed attempts, 1 or more."""
        return verdict is not Verdict.GIVE_UP and failed <= self.retries

    def seconds(self, verdict: Verdict, failed: int) -> float:
        """Return how long to wait before that; workers do not wait in step."""
        if verdict is not Verdict.WAIT:
            return 0.0
        longest = min(self.pause * 2.0 ** (failed - 1), _LONGEST_PAUSE)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret, and no picture follows from it


def describe(error: BaseException) -> str:
    """One line: what was raised, and where."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return visible(f"{type(error).__name__}: {error}{where}")


def attempt(draw: Draw, shard: int, report: Report) -> tuple[str, Any]:
    """Draw a shard where nobody hears an exception, and tell what came of it.

    Returns:
        ``"done"`` and None; ``"error"`` with its description and verdict; ``"end"`` with an error that ends
        the run, fit to be sent to another process.
    """
    try:
        draw(shard, report)
    except Exception as error:  # a family may raise anything
        verdict = judge(error)
        return ("end", _portable(error)) if verdict is Verdict.END else ("error", (describe(error), verdict))
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
