"""Joining a Ray cluster, or starting one on this machine, without a word from Ray."""

import contextlib
import logging
import os
import re
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from patterngen.errors import PatternGenError
from patterngen.executors.contract import environment

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DEDUP_LOGS_SKIP_REGEX": "^",  # pages about a node that died; we tell it in a line
}
"""What keeps Ray from talking; read while it is imported and started."""
_MEMORY = 80 << 20
"""Bytes of the object store where we start Ray, near its least: pictures never pass through it."""


@contextlib.contextmanager
def connected(ray: Any, address: str | None, gpus: float) -> Iterator[Callable[[], None]]:
    """Join a cluster for a while, or start one on this machine.

    Args:
        ray: the module.
        address: ``host:port``; None looks for RAY_ADDRESS and for a cluster that this machine belongs to, and
            starts Ray on this machine alone where there is neither.
        gpus: of each task: more than a machine has that Ray is started on is a mistake.

    Yields:
        What to call now and then: it raises as SIGTERM's handler does, if that has arrived.

    Raises:
        PatternGenError: there is no such cluster, or no such GPU.
    """
    with _sigterm_noted() as check:
        if ray.is_initialized():  # the caller's own, who will leave it
            yield check
            return
        with environment(QUIET), _hushed():
            _join(ray, address, gpus)
        check.listen()  # again: Ray has put its own handler there
        try:
            yield check
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Throw away what is written to stderr, also by C++: Ray greets, and what is wrong it raises besides."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _join(ray: Any, address: str | None, gpus: float) -> None:
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    address = address or os.environ.get("RAY_ADDRESS") or _running_here()
    if address is not None:
        try:
            _knock(address)
            ray.init(address=address, **quiet)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            raise PatternGenError(
                f"no Ray cluster at {address!r} ({first_words(error)}): give --ray-address host:port as "
                "`ray start --head` printed it, on a machine of the cluster"
            ) from None
        return
    # Nobody else's business: it listens on this machine alone.
    ray.init(
        address="local",
        include_dashboard=False,
        object_store_memory=_MEMORY,
        _node_ip_address="127.0.0.1",
        **quiet,
    )
    if gpus > ray.cluster_resources().get("GPU", 0.0):
        ray.shutdown()
        raise PatternGenError(f"--ray-gpus {gpus:g}: Ray finds no such GPU on this machine; leave it out")


def _running_here() -> str | None:
    """Return the address of the cluster that `ray start` made this machine part of, if it still runs."""
    noted = Path(os.environ.get("RAY_TMPDIR", "/tmp"), "ray", "ray_current_cluster")  # noqa: S108 - Ray's place
    try:
        address = noted.read_text("utf-8").strip()
        _knock(address)
    except (OSError, ValueError):
        return None
    return address or None


def _knock(address: str) -> None:
    """Find out in seconds that nobody is there, for which Ray takes minutes."""
    found = re.fullmatch(r"(\[.+\]|[^:]+):(\d+)", address)
    if found is not None:
        socket.create_connection((found[1].strip("[]"), int(found[2])), timeout=10).close()


class _Sigterm:
    """Notes SIGTERM: a handler that raises in the midst of Ray's C++ would end in a SystemError."""

    def __init__(self) -> None:
        self._handler = signal.getsignal(signal.SIGTERM)
        self._arrived = False
        self.listen()

    def listen(self) -> None:
        if threading.current_thread() is threading.main_thread():  # Python allows handlers only there
            signal.signal(signal.SIGTERM, self._note)

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self._arrived = True

    def __call__(self) -> None:
        """Let the handler that was there before have it."""
        if self._arrived:
            self.forget()
            signal.raise_signal(signal.SIGTERM)

    def forget(self) -> None:
        self._arrived = False
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._handler)


@contextlib.contextmanager
def _sigterm_noted() -> Iterator[_Sigterm]:
    check = _Sigterm()
    try:
        yield check
        check()
    finally:
        check.forget()


def first_words(error: BaseException) -> str:
    """The first sentence of what Ray tells in pages."""
    first = re.split(r"[.\n](?:\s|$)", str(error).strip(), maxsplit=1)[0]
    return f"{type(error).__name__}: {first}"
