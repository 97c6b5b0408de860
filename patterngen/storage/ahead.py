"""Working ahead of a loop in threads, boundedly: for what waits on files or is computed outside of Python."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def map_ahead(
    function: Callable[[T], R],
    items: Iterable[T],
    threads: int | None = None,
    begin: Callable[[], object] | None = None,
) -> Iterator[R]:
    """Apply a function to items in threads and yield the results in the order of the items.

    At most two results a thread are waiting at any time. What the function raises is raised here, in its
    turn; what has not begun then is not done.

    Args:
        function: called with one item, in any thread.
        items: taken one by one, as results are.
        threads: how many; as many as this process may use cores, unless given.
        begin: what each thread does first, if anything.
    """
    threads = threads or usable_cores()
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(threads, initializer=begin)
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def usable_cores() -> int:
    """Count the cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
