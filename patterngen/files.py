"""Files that are whole or not there: temporary names, fsync, rename.

Every path of a dataset folder is made here, so that other kinds of storage have one place to arrive.
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from patterngen.errors import PatternGenError

_MARK = ".patterngen-"
_BUFFER = 1 << 20  # a shard is written in many small pieces


def local_folder(url: str) -> Path:
    """Turn a path or a ``file://`` URL into a path.

    Raises:
        PatternGenError: another scheme.
    """
    if url.startswith("file://"):
        return Path(unquote(urlsplit(url).path))
    if "://" in url or url.startswith("pipe:"):
        raise PatternGenError(f"folder {url!r}: only local folders are supported; give a path")
    if not url:
        raise PatternGenError("the folder's name is empty; give a path")
    return Path(url).expanduser()


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that appears under its name only when it is whole and on the disk.

    The bytes go to a hidden name in the same folder. Leaving by an exception removes it.
    """
    temporary = path.with_name(f".{path.name}{_MARK}{os.getpid()}-{secrets.token_hex(3)}")
    try:
        with temporary.open("xb", buffering=_BUFFER) as file:
            # The lock ends with the process, however it ends: `sweep` can tell the living from the dead,
            # also where process ids mean nothing (containers that share a folder).
            with contextlib.suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield file
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def output_file(path: str, *endings: str) -> Path:
    """Check that a file the user names can be written there, before the work for it begins.

    Raises:
        PatternGenError: it has none of the endings, or its folder does not exist.
    """
    file = Path(path).expanduser()
    if file.suffix.lower() not in endings:
        raise PatternGenError(f"{path!r}: name a {' or '.join(endings)} file")
    if not file.parent.is_dir():
        raise PatternGenError(f"{path!r}: there is no folder {file.parent}; make it first")
    return file


def write_atomic(path: Path, data: bytes) -> None:
    """Write bytes as `atomic_file` does."""
    with atomic_file(path) as file:
        file.write(data)


def leftovers(folder: Path) -> list[Path]:
    """List the temporary files in a folder: of runs at work, or of runs that died."""
    return sorted(folder.glob(f".*{_MARK}*"))


def sweep(folder: Path) -> None:
    """Remove the temporary files of runs that died in this folder."""
    for temporary in leftovers(folder):
        with contextlib.suppress(OSError), temporary.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            temporary.unlink()


def _sync_folder(folder: Path) -> None:
    """Bring a rename itself to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
