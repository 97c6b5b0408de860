"""Signals that wait until a step is whole."""

import signal
from contextlib import AbstractContextManager

import patterngen.signals


def deferred_signals() -> AbstractContextManager[list[int]]:
    """Let signals take effect at the end of the block and not in the middle of it.

    Otherwise they could fall between two tensors of an optimiser step, and what is saved then would be no
    state that the run ever had.
    """
    # SIGCHLD tells that a process that reads pictures has died, which torch answers with an error.
    return patterngen.signals.deferred_signals(signal.SIGCHLD)


def stop_requested(waiting: list[int]) -> bool:
    """Tell whether one of the signals that wait is Ctrl-C or SIGTERM, and not the end of some process."""
    return bool({signal.SIGINT, signal.SIGTERM} & set(waiting))
