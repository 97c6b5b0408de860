"""Folders that one command at a time changes."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

_HELD = (errno.EACCES, errno.EAGAIN)


@contextlib.contextmanager
def alone_in(folder: Path, lock_file: str, *, wait: bool = True) -> Iterator[None]:
    """Hold a file of a folder locked, as no other command does meanwhile.

    The lock ends with the process, however it ends. Where a file system has no locks, nothing is locked.

    Args:
        folder: the folder; made, and removed again if nothing else came to lie there.
        lock_file: the file's name; it is there while it is locked.
        wait: until another command is done.

    Raises:
        BlockingIOError: another command holds it, and is not waited for.
    """
    made = not folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / lock_file
    while True:
        with path.open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except OSError as error:
                if error.errno in _HELD:
                    raise
            if not os.fstat(lock.fileno()).st_nlink:
                continue  # who held it before has removed it
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
                if made:
                    with contextlib.suppress(OSError):
                        folder.rmdir()
            return
