"""Where shards are drawn: in this process, or in several of this machine.

An executor is given the numbers of the shards that are missing and a function that draws one. It knows
nothing of pictures. It answers with what could not be drawn, and why.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Protocol

from patterngen.errors import PatternGenError

Report = Callable[[int], None]
"""Told how many more pictures are done."""

Draw = Callable[[int, Report], object]
"""Draws one shard, completely or not at all, and may do so again; picklable for workers."""

ATTEMPTS = 3
"""How often a shard is tried before it is given up."""

_ONE_THREAD = {
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "LP_NUM_THREADS": "0",  # llvmpipe then draws in the thread that asks
}
"""Each worker uses one thread: there are as many workers as the user wants cores."""


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


class _Tally:
    """Passes progress on, counting the pictures of a shard that is drawn again only once."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self._best: dict[int, int] = {}
        self._now: dict[int, int] = {}

    def begin(self, shard: int) -> None:
        self._now[shard] = 0

    def advance(self, shard: int, n: int) -> None:
        self._now[shard] += n
        news = self._now[shard] - self._best.get(shard, 0)
        if news > 0:
            self._best[shard] = self._now[shard]
            self.progress.advance(news)


def execute(shards: Sequence[int], draw: Draw, *, workers: int, progress: Progress) -> Mapping[int, str]:
    """Draw shards; return those that failed `ATTEMPTS` times with their last error.

    Raises:
        PatternGenError: what a shard cannot be drawn with in principle; it ends the run at once.
    """
    if workers == 1 or len(shards) <= 1:
        return _here(shards, draw, progress)
    return _Pool(draw, progress).run(shards, min(workers, len(shards)))


def _here(shards: Sequence[int], draw: Draw, progress: Progress) -> dict[int, str]:
    tally, failures = _Tally(progress), dict[int, str]()
    for shard in shards:
        for attempt in range(ATTEMPTS):
            tally.begin(shard)
            try:
                draw(shard, lambda n, shard=shard: tally.advance(shard, n))  # type: ignore[misc]
                break
            except PatternGenError:
                raise
            except Exception as error:  # a family may raise anything; the other shards go on
                if attempt + 1 == ATTEMPTS:
                    failures[shard] = _describe(error)
                    progress.fail(1)
    return failures


@dataclass
class _Worker:
    process: BaseProcess
    shard: int | None = None


class _Pool:
    """Worker processes, each on its own pipe.

    A shared queue would be simpler, but a worker killed while it holds the queue's lock would stop all
    others; and a dead pipe tells which worker died, and thus which shard to draw again.
    """

    def __init__(self, draw: Draw, progress: Progress) -> None:
        self._draw = draw
        self._tally = _Tally(progress)
        self._workers: dict[Connection, _Worker] = {}
        self._attempts: dict[int, int] = {}
        self._failures: dict[int, str] = {}
        self._waiting: deque[int] = deque()

    def run(self, shards: Sequence[int], workers: int) -> dict[int, str]:
        self._waiting.extend(shards)
        with _environment(_ONE_THREAD):
            try:
                for _ in range(workers):
                    self._hire()
                while self._workers:
                    for connection in wait(list(self._workers)):
                        assert isinstance(connection, Connection)
                        self._listen(connection)
            finally:
                self._dismiss()
        return self._failures

    def _hire(self) -> None:
        # Spawned, never forked: Numba's threads and OpenGL contexts do not survive a fork.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._draw), daemon=True)
        process.start()
        theirs.close()
        self._workers[ours] = _Worker(process)
        self._assign(ours)

    def _assign(self, connection: Connection) -> None:
        """Give a worker its next shard, or let it go."""
        worker = self._workers[connection]
        worker.shard = self._waiting.popleft() if self._waiting else None
        if worker.shard is not None:
            self._tally.begin(worker.shard)
        try:
            connection.send(worker.shard)
        except OSError:  # it died already; `_listen` will hear of it
            return

    def _listen(self, connection: Connection) -> None:
        worker = self._workers[connection]
        try:
            kind, value = connection.recv()
        except (EOFError, OSError):
            self._bury(connection)
            return
        if kind == "advance" and worker.shard is not None:
            self._tally.advance(worker.shard, value)
        elif kind == "mistake":
            raise PatternGenError(value)
        elif kind == "error" and worker.shard is not None:
            self._retry(worker.shard, value)
            self._assign(connection)
        elif kind == "done":
            self._assign(connection)

    def _bury(self, connection: Connection) -> None:
        worker = self._workers.pop(connection)
        connection.close()
        worker.process.join()
        if worker.shard is None:
            return
        self._retry(worker.shard, f"its worker died (exit code {worker.process.exitcode})")
        if self._waiting:
            self._hire()

    def _retry(self, shard: int, error: str) -> None:
        self._attempts[shard] = self._attempts.get(shard, 0) + 1
        if self._attempts[shard] < ATTEMPTS:
            self._waiting.append(shard)
        else:
            self._failures[shard] = error
            self._tally.progress.fail(1)

    def _dismiss(self) -> None:
        for connection, worker in self._workers.items():
            connection.close()
            worker.process.terminate()
        for worker in self._workers.values():
            worker.process.join(5)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self._workers.clear()


def _serve(connection: Connection, draw: Draw) -> None:
    """Run a worker: draw the shards that arrive until None does."""
    # Ctrl-C reaches the whole process group; the parent decides what becomes of the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent is gone
        while (shard := connection.recv()) is not None:
            connection.send(_attempt(connection, draw, shard))


def _attempt(connection: Connection, draw: Draw, shard: int) -> tuple[str, str]:
    try:
        draw(shard, lambda n: connection.send(("advance", n)))
    except PatternGenError as error:
        return "mistake", str(error)
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:
        return "error", _describe(error)
    return "done", ""


def _describe(error: Exception) -> str:
    """One line: what was raised, and where."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
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
