"""Signals that wait until what must be whole is whole."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def undisturbed(*more: int) -> Iterator[list[int]]:
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
