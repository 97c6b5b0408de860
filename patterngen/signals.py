"""Signals that wait until what must be whole is whole, and those that end a command."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def deferred_signals(*more: int) -> Iterator[list[int]]:
    """Let Ctrl-C and SIGTERM take effect at the end of the block and not in the middle of it.

    Args:
        more: further signals that shall wait.

    Yields:
        The signals that wait, in the order in which they came.
    """
    waiting: list[int] = []
    if threading.current_thread() is not threading.main_thread():  # signals only ever disturb that one
        yield waiting
        return

    def wait(number: int, _frame: FrameType | None) -> None:
        waiting.append(number)

    # A handler that was not set from Python is None: it cannot be put back, and so is left alone.
    numbers = [n for n in (signal.SIGINT, signal.SIGTERM, *more) if signal.getsignal(n) is not None]
    previous = {number: signal.signal(number, wait) for number in numbers}
    try:
        yield waiting
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        for late in waiting:
            signal.raise_signal(late)


class Terminated(BaseException):
    """SIGTERM arrived. Like KeyboardInterrupt: nobody's `except Exception` may stop it."""


@contextmanager
def sigterm_raises() -> Iterator[None]:
    """Make SIGTERM unwind the stack, so that what a run has begun is cleaned up."""

    def handler(_signal: int, _frame: FrameType | None) -> None:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():  # Python allows handlers only there
        yield
        return
    previous = signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


@contextmanager
def interrupts_survive() -> Iterator[None]:
    """Let Ctrl-C count that arrives while an object is being deleted: Python prints it there and goes on."""
    previous = sys.unraisablehook

    def hook(lost: Any) -> None:
        again = {KeyboardInterrupt: signal.SIGINT, Terminated: signal.SIGTERM}.get(lost.exc_type)
        if again is None:
            previous(lost)
        else:  # a moment later, when this function has returned
            threading.Timer(0.01, os.kill, (os.getpid(), again)).start()

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = previous
