"""Drawing shards in several processes of this machine."""

import contextlib
import multiprocessing
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from patterngen.common.spawn import check_rerun, spawning
from patterngen.executors.contract import ONE_THREAD, Draw, attempt, environment
from patterngen.executors.shard_queue import ShardQueue
from patterngen.retry import FailureKind
from patterngen.signals import Terminated, interrupts_survive, sigterm_raises


@dataclass
class _Worker:
    process: BaseProcess
    shard: int | None = None


class Pool:
    """Worker processes, each on its own pipe.

    A shared queue would be simpler, but a worker killed while it holds the queue's lock would stop all
    others; and a dead pipe tells which worker died, and thus which shard to draw again.
    """

    def __init__(self, draw: Draw, queue: ShardQueue) -> None:
        self._draw, self._queue = draw, queue
        self._workers: dict[Connection, _Worker] = {}

    def run(self, workers: int) -> dict[int, str]:
        """Draw shards; return those that failed at every attempt, with their last error.

        Raises:
            PatternGenError, OSError: what would meet every other shard too.
        """
        with environment(ONE_THREAD):
            try:
                for _ in range(workers):
                    self._hire()
                while self._workers:
                    for connection in wait(list(self._workers)):
                        assert isinstance(connection, Connection)
                        self._listen(connection)
            finally:
                self._dismiss()
        return self._queue.failures

    def _hire(self) -> None:
        # Spawned, never forked: Numba's threads and OpenGL contexts do not survive a fork.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._draw), daemon=True)
        with spawning(self._draw):
            process.start()
        theirs.close()
        self._workers[ours] = _Worker(process)
        self._assign(ours)

    def _assign(self, connection: Connection) -> None:
        """Give a worker its next shard, or let it go."""
        worker = self._workers[connection]
        task = self._queue.take() if self._queue else None
        worker.shard = task[0] if task else None
        try:
            connection.send(task)
        except OSError:  # it died already; `_listen` will notice
            return

    def _listen(self, connection: Connection) -> None:
        worker = self._workers[connection]
        try:
            kind, value = connection.recv()
        except (EOFError, OSError):
            kind, value = "died", None
        if kind == "died":
            self._bury(connection)
        elif kind == "advance" and worker.shard is not None:
            self._queue.tally.advance(worker.shard, value)
        elif kind == "end":
            raise value
        elif kind == "error" and worker.shard is not None:
            self._queue.fail(worker.shard, *value)
            self._assign(connection)
        elif kind == "done":
            self._assign(connection)

    def _bury(self, connection: Connection) -> None:
        worker = self._workers.pop(connection)
        connection.close()
        worker.process.join()
        check_rerun([worker.process.exitcode])
        if worker.shard is None:
            return
        self._queue.fail(
            worker.shard, f"its worker died (exit code {worker.process.exitcode})", FailureKind.UNKNOWN
        )
        if self._queue:
            self._hire()

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
    try:
        with sigterm_raises(), interrupts_survive():
            _draw_shards(connection, draw)
    except Terminated:
        sys.exit(143)


def _draw_shards(connection: Connection, draw: Draw) -> None:
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent is gone
        while (task := connection.recv()) is not None:
            shard, pause = task
            time.sleep(pause)
            connection.send(attempt(draw, shard, lambda n: connection.send(("advance", n))))
