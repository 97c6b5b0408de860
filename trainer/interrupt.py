"""Signals that wait until a step is whole."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# The last tells that a process that reads pictures has died, which torch answers with an error.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM take effect at the end of the block and not in the middle of it.

    Otherwise they could fall between two tensors of an optimiser step, and what is saved then would be no
    state that the run ever had.
    """
    if threading.current_thread() is not threading.main_thread():  # signals only ever disturb that one
        yield
        return
    waiting: list[int] = []

    def wait(number: int, _frame: FrameType | None) -> None:
        waiting.append(number)

    previous = {number: signal.signal(number, wait) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        for late in waiting:
            signal.raise_signal(late)
