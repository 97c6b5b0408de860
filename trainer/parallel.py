"""Work in threads, a core each: results come in order, and are the same however many cores there are."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TypeVar

import torch

from patterngen.storage.ahead import map_ahead

Item = TypeVar("Item")
Result = TypeVar("Result")
Context = Callable[[], AbstractContextManager[object]]

_lock = threading.Lock()
_open = 0


def in_order(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int = 2,
    *,
    within: Context = nullcontext,
) -> Iterator[Result]:
    """Apply a function to many items in threads, and yield its results in order.

    Decoding, resampling, transforms and products of matrices release the interpreter's lock, so threads are
    enough; being a bounded number ahead of the one that is asked for keeps the memory of a large set bounded.

    Each call of the function has one core, on which torch's own threads would only wait for one another. What
    it computes therefore does not depend on how many cores or workers there are: a sum that is split among
    several threads is rounded otherwise.

    Args:
        function: what to do with an item.
        items: the items.
        workers: threads.
        within: a context that each worker enters once, at its start, and does not leave.

    Raises:
        Exception: what the function raised, when the item's turn comes.
    """
    global _open
    torch.get_num_threads()  # from now on, what a worker says of itself is not taken for this thread's number
    with _lock:
        _open += 1
    try:
        yield from map_ahead(function, items, workers, begin=partial(_begin, within))
    finally:
        with _lock:
            _open -= 1
            if _open == 0:  # MKL has one number for all threads: it stays at 1 while any pool works
                torch.set_num_threads(torch.get_num_threads())


def _begin(within: Context) -> None:
    torch.set_num_threads(1)
    within().__enter__()


def on_device(
    function: Callable[[Item], Result], items: Iterable[Item], device: torch.device, autocast: Context
) -> Iterator[Result]:
    """Apply a function that computes on a device to many items: on a CPU in threads, as `in_order` does.

    Args:
        function: what to do with an item.
        items: the items.
        device: that it computes on.
        autocast: the precision of matrix products.

    Raises:
        Exception: what the function raised, when the item's turn comes.
    """
    if device.type != "cpu":
        for item in items:
            with autocast():
                result = function(item)
            yield result
        return
    try:
        yield from in_order(function, items, torch.get_num_threads(), within=autocast)
    finally:
        # Weights that were rounded once for all items would outlive the weights that they were.
        torch.clear_autocast_cache()
