"""Drawing shards on a Ray cluster: one task per shard."""

import contextlib
import logging
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from patterngen._version import __version__
from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.executors.contract import ONE_THREAD, Draw, Progress, attempt, environment, error_line
from patterngen.executors.ray_connection import QUIET, connected, first_words
from patterngen.executors.shard_queue import ShardQueue
from patterngen.retry import FailureKind, Retry

LOSSES = 10
"""How many lost workers a shard survives: nodes come and go, but a shard may also be what ends them."""

_PER_SLOT = 2
"""Tasks in flight for each that can run: one that runs, and one that is ready when it ends."""
_LOOK = 0.5
"""Seconds between two looks at what is new."""
_GRACE = 5.0
"""Seconds that a cancelled task has to remove its temporary files."""


_log = logging.getLogger("patterngen")


@dataclass(frozen=True)
class RayOptions:
    """Where Ray is, and what a task takes of it."""

    address: str | None = None
    """``host:port``; None looks for RAY_ADDRESS and for a cluster that this machine
    belongs to, and starts Ray on this machine alone where there is neither."""
    gpus: float = 0.0
    """GPUs of each task; below one, tasks share a GPU."""
    marker: Path | None = None
    """A file that every node has to see before it draws; None checks nothing."""


def draw_on_ray(
    shards: Sequence[int], draw: Draw, progress: Progress, retry: Retry, options: RayOptions
) -> dict[int, str]:
    """Draw shards; return those that failed at every attempt or lost too many workers, with the last error.

    Raises:
        MissingDependencyError: Ray is not installed.
        PatternGenError, OSError: there is no such cluster; what would meet every other shard too.
    """
    try:
        with environment(QUIET):
            import ray
    except ImportError:
        raise MissingDependencyError(
            "--executor ray needs Ray: `pip install 'patterngen[ray]'`, here and on every node"
        ) from None
    with connected(ray, options.address, options.gpus) as check:
        return _Run(ray, draw, ShardQueue(shards, progress, retry), options).finish(check)


@dataclass
class _Flight:
    """One attempt at one shard."""

    shard: int
    number: int
    pictures: int = 0
    """Pictures that it has reported."""


class _Run:
    """Keeps some tasks in flight until no shard waits."""

    def __init__(self, ray: Any, draw: Draw, queue: ShardQueue, options: RayOptions) -> None:
        self._ray, self._queue, self._options = ray, queue, options
        # Ray's own retries would draw again without a word; here each loss is counted and told.
        self._task = ray.remote(
            num_cpus=1, num_gpus=options.gpus, max_retries=0, runtime_env={"env_vars": ONE_THREAD}
        )(_draw_one)
        self._draw = ray.put(draw)
        self._board = ray.remote(num_cpus=0, max_restarts=-1)(_Board).remote()
        self._news = self._board.take.remote()
        self._flights: dict[Any, _Flight] = {}  # by the result to come
        self._started = 0
        self._room, self._looked, self._short = 0, -_LOOK, False

    def finish(self, check: Callable[[], None]) -> dict[int, str]:
        """Draw; return what was given up. What `check` raises ends it."""
        try:
            while self._queue or self._flights:
                check()
                self._fill()
                self._ray.wait(list(self._flights), num_returns=1, timeout=_LOOK)
                self._read_board()
                ready, _ = self._ray.wait(list(self._flights), num_returns=len(self._flights), timeout=0)
                for result in ready:
                    self._collect(result)
        finally:
            self._cancel()
        return self._queue.failures

    def _fill(self) -> None:
        """Put tasks in flight: not all at once, because a million would burden the cluster's head."""
        if time.monotonic() - self._looked >= _LOOK:
            self._room, self._looked = self._count_room(), time.monotonic()
        while self._queue and len(self._flights) < self._room:
            shard, pause = self._queue.take()
            self._started += 1
            flight = _Flight(shard, self._started)
            call = _Call(shard, pause, self._options.marker, __version__, flight.number)
            self._flights[self._task.remote(self._draw, call, self._board)] = flight

    def _count_room(self) -> int:
        """Count the tasks that should be in flight: a cluster grows and shrinks."""
        held, gpus = self._ray.cluster_resources(), self._options.gpus
        slots = min(held.get("CPU", 0.0), held.get("GPU", 0.0) / gpus if gpus else float("inf"))
        if slots < 1 and not self._short:
            wanted = "CPU and GPU" if gpus else "CPU"
            _log.warning("the Ray cluster has no node with a %s now: waiting for one", wanted)
        self._short = slots < 1
        # Never none: tasks that wait are what makes an autoscaler start nodes.
        return _PER_SLOT * max(1, int(slots))

    def _collect(self, result: Any) -> None:
        flight = self._flights.pop(result)
        try:
            outcome, value, notes = self._ray.get(result)
        except self._ray.exceptions.RayTaskError as error:  # raised around the drawing, not by it
            self._queue.fail(flight.shard, error_line(error.cause), FailureKind.UNKNOWN)
        except self._ray.exceptions.RayError as error:
            lost = f"its worker was lost ({first_words(error)})"
            self._queue.lose(flight.shard, lost, LOSSES)
            _log.warning("shard %d: %s", flight.shard, lost)
        else:
            for level, note in notes:
                _log.log(level, "%s", note)
            if outcome == "end":
                raise value
            if outcome == "error":
                self._queue.fail(flight.shard, *value)
            else:
                self._queue.tally.advance(flight.shard, value - flight.pictures)

    def _read_board(self) -> None:
        ready, _ = self._ray.wait([self._news], timeout=0)
        if not ready:
            return
        with contextlib.suppress(self._ray.exceptions.RayError):  # it was lost; results make up for it
            news = self._ray.get(self._news)
            for flight in self._flights.values():
                if pictures := news.get(flight.number, 0):
                    flight.pictures += pictures
                    self._queue.tally.advance(flight.shard, pictures)
        self._news = self._board.take.remote()

    def _cancel(self) -> None:
        """End what still runs: first so that it can clean up, then by force."""
        left = list(self._flights)
        for force in (False, True):
            for result in left:
                self._ray.cancel(result, force=force)
            if left:
                _, left = self._ray.wait(left, num_returns=len(left), timeout=_GRACE)
        self._ray.kill(self._board)


class _Board:
    """Where tasks write how many pictures they have drawn: an actor, since a task can only return once."""

    def __init__(self) -> None:
        self._news: Counter[int] = Counter()

    def add(self, number: int, pictures: int) -> None:
        self._news[number] += pictures

    def take(self) -> Counter[int]:
        news, self._news = self._news, Counter()
        return news


@dataclass(frozen=True)
class _Call:
    """What a task is told."""

    shard: int
    pause: float
    marker: Path | None
    version: str
    number: int


class _Notes(logging.Handler):
    """Keeps what is logged on a node, where nobody reads it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.kept: list[tuple[int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append((record.levelno, record.getMessage()))


def _draw_one(draw: Draw, call: _Call, board: Any) -> tuple[str, Any, list[tuple[int, str]]]:
    """Draw a shard, on whatever node this is.

    Returns:
        As `attempt`, but with the number of pictures when it is done; and the level and text of each warning.
    """
    if (error := _unfit(call)) is not None:
        return "end", error, []
    time.sleep(call.pause)
    pictures = 0

    def report(n: int) -> None:
        nonlocal pictures
        pictures += n
        board.add.remote(call.number, n)

    _log.addHandler(notes := _Notes())
    try:
        outcome, value = attempt(draw, call.shard, report)
    finally:
        _log.removeHandler(notes)
    return outcome, pictures if outcome == "done" else value, notes.kept


def _unfit(call: _Call) -> PatternGenError | None:
    """Tell why this node would draw other pictures, or elsewhere."""
    if call.version != __version__:
        return PatternGenError(
            f"node {socket.gethostname()} has patterngen {__version__}, the command {call.version}: "
            "install the same version everywhere"
        )
    if call.marker is not None and not call.marker.exists():
        return PatternGenError(
            f"node {socket.gethostname()} does not see {call.marker.parent} as the command's machine does: "
            "give an --out that all nodes share, or a URL"
        )
    return None
