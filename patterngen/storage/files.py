"""Files that are whole or not there: temporary names, fsync, rename; remotely, one upload at the end."""

import contextlib
import fcntl
import os
import re
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from patterngen.errors import PatternGenError
from patterngen.storage.places import Place, RemotePath, place

_MARK = ".patterngen-"
_LEFT = re.compile(rf"\..+{re.escape(_MARK)}(?P<host>.+)-[0-9]+-[0-9a-f]{{6}}")
"""Names as `_temporary` gives them."""
_BUFFER = 1 << 20  # a shard is written in many small pieces
_ABANDONED = 24 * 3600.0


@contextlib.contextmanager
def atomic_file(path: Place) -> Iterator[BinaryIO]:
    """Write a file that appears under its name only when it is whole and on the disk, or at its server.

    The bytes go to a hidden name in the same folder, or for a remote file to this machine's temporary folder.
    Leaving by an exception removes them.

    Raises:
        PatternGenError, GaveUpError: a remote file could not be uploaded, as
            `patterngen.storage.upload.upload` says.
    """
    if isinstance(path, Path):
        with _renamed(path) as file:
            yield file
        return
    with tempfile.NamedTemporaryFile(prefix="patterngen-", buffering=_BUFFER) as file:
        yield cast("BinaryIO", file)
        file.flush()
        _send(Path(file.name), path)


@contextlib.contextmanager
def _renamed(path: Path) -> Iterator[BinaryIO]:
    temporary, file = _begin(path)
    try:
        with file:
            yield file
            flush_to_disk(file)
            temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _begin(path: Path) -> tuple[Path, BinaryIO]:
    """Open a temporary file and lock it."""
    while True:
        temporary = _temporary(path)
        file = temporary.open("xb", buffering=_BUFFER)
        _claim(file)
        if os.fstat(file.fileno()).st_nlink:
            return temporary, file
        file.close()  # another run swept it away before it was locked


def _temporary(path: Path) -> Path:
    """Name a hidden file beside another: whose it is, and that it is ours."""
    return path.with_name(f".{path.name}{_MARK}{_host()}-{os.getpid()}-{secrets.token_hex(3)}")


def _host() -> str:
    return socket.gethostname().replace("/", "_")


def _claim(file: BinaryIO) -> None:
    """Lock a temporary file, where the file system can.

    The lock ends with the process, however it ends: `remove_leftovers` can tell the living from the dead,
    also where process ids mean nothing (containers that share a folder).
    """
    with contextlib.suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX)


@contextlib.contextmanager
def shared_marker(folder: Path) -> Iterator[Path]:
    """Leave a hidden file in a folder for a while: who sees it, on whatever machine, sees the same folder."""
    marker = _temporary(folder / "shared")
    with marker.open("xb") as file:
        try:
            _claim(file)
            yield marker
        finally:
            marker.unlink(missing_ok=True)


def flush_to_disk(file: BinaryIO) -> None:
    """Bring what was written to the disk; raises what the disk has to say, such as that it is full."""
    file.flush()
    os.fsync(file.fileno())


def output_file(path: str, *endings: str) -> Place:
    """Check that a file the user names can be written there, before the work for it begins.

    Raises:
        PatternGenError: it has none of the endings, is a folder, lies in none that exists, or as `place`.
    """
    file = place(path)
    if file.suffix.lower() not in endings:
        raise PatternGenError(f"{path!r}: name a {' or '.join(endings)} file")
    if isinstance(file, Path) and not file.parent.is_dir():
        raise PatternGenError(f"{path!r}: there is no folder {file.parent}; make it first")
    if isinstance(file, Path) and file.is_dir():
        raise PatternGenError(f"{path!r}: this is a folder; name a file")
    return file


def write_atomic(path: Place, data: bytes) -> None:
    """Write bytes as `atomic_file` does."""
    if isinstance(path, Path):
        with _renamed(path) as file:
            file.write(data)
    else:
        _send(data, path)


def _send(data: Path | bytes, path: RemotePath) -> None:
    from patterngen.storage.upload import upload  # not at the top: every command comes through here

    upload(data, path)


def leftovers(folder: Place) -> list[Path]:
    """List the temporary files in a folder: of runs at work, or of runs that died. A remote one has none."""
    if not isinstance(folder, Path) or not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _LEFT.fullmatch(path.name) and path.is_file())


def remove_leftovers(folder: Place) -> None:
    """Remove the temporary files of runs that died in this folder.

    Not every shared file system shows one machine the locks of another. So what other machines have begun is
    left alone until nobody has written to it for a day.
    """
    for temporary in leftovers(folder):
        with contextlib.suppress(OSError), temporary.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            name = _LEFT.fullmatch(temporary.name)
            ours = name is not None and name["host"] == _host()
            if ours or _age(file, temporary.parent) > _ABANDONED:
                temporary.unlink()


def _age(file: BinaryIO, folder: Path) -> float:
    """Return for how many seconds nobody has written to a file, by the clock of the file system itself."""
    with tempfile.TemporaryFile(dir=folder) as now:
        return os.fstat(now.fileno()).st_mtime - os.fstat(file.fileno()).st_mtime


def _sync_folder(folder: Path) -> None:
    """Bring a rename itself to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
