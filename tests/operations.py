"""Operations by which a folder changes for good: to do something before one of them, or to end there.

`watched` tells of each; `killed` ends a run before one, as SIGKILL would; `meanwhile` lets another run come
between two of them.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest


@dataclass(frozen=True)
class Operation:
    """A rename, a removal or an fsync that is about to be done.

    Attributes:
        kind: which of them.
        target: the new name, what is removed, or what is brought to the disk.
        source: the old name, where there is one.
    """

    kind: Literal["rename", "remove", "fsync"]
    target: Path
    source: Path | None = None


Hook = Callable[[Operation], object]


@contextlib.contextmanager
def watched(folder: Path, before: Hook) -> Iterator[None]:
    """Call a function before each operation below a folder; what it raises comes in its place."""
    replace, rename, unlink, remove, fsync = os.replace, os.rename, os.unlink, os.remove, os.fsync

    def tell(operation):
        if operation.target.is_relative_to(folder):
            before(operation)

    def moving(move):
        def moved(source, target, **options):
            tell(Operation("rename", Path(target).absolute(), Path(source).absolute()))
            move(source, target, **options)

        return moved

    def removing(drop):
        def removed(path, **options):
            if Path(path).is_file():
                tell(Operation("remove", Path(path).absolute()))
            drop(path, **options)

        return removed

    def syncing(descriptor):
        number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
        tell(Operation("fsync", Path(f"/proc/self/fd/{number}").readlink()))
        fsync(descriptor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", moving(replace))
        patch.setattr(os, "rename", moving(rename))
        patch.setattr(os, "unlink", removing(unlink))
        patch.setattr(os, "remove", removing(remove))
        patch.setattr(os, "fsync", syncing)
        yield


class KilledError(BaseException):
    """Stands for SIGKILL: no `except Exception` catches it."""


def killed(folder: Path, point: int, work: Callable[[], object]) -> bool:
    """Do some work, end it before one of its operations below a folder, and let nothing be done after it.

    Args:
        folder: where the work writes.
        point: before which operation it ends, from 0.
        work: what to do.

    Returns:
        Whether it was ended; if not, the work had fewer operations.
    """
    left = point

    def count(_operation):
        nonlocal left
        left -= 1
        if left < 0:
            raise KilledError

    with contextlib.suppress(KilledError), watched(folder, count):
        work()
    return left < 0


def meanwhile(folder: Path, point: int, work: Callable[[], object], other: Callable[[], object]) -> bool:
    """Do some work, and all of another before one of its operations; tell whether the other was done."""
    left = point

    def count(_operation):
        nonlocal left
        left -= 1
        if left == -1:
            other()

    with watched(folder, count):
        work()
    return left < 0
