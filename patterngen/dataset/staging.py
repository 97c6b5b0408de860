"""Remote dataset folders, worked on in a local one: drawn into and sent, or fetched and read."""

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from patterngen.dataset.folder import NOTES_FILE, QUARANTINE_FILE
from patterngen.dataset.marker import MARKER, ShardStats, read_stats, refuse_another
from patterngen.dataset.programs import MAX_PROGRAM, PROGRAMS_FOLDER
from patterngen.errors import PatternGenError
from patterngen.home import expanded
from patterngen.storage.places import Place, RemotePath, listing, read_bounded
from patterngen.storage.upload import upload

_PREFIX = "patterngen-scratch-"
_SCRATCH = re.compile(rf"{_PREFIX}[a-z0-9_]{{8}}")
"""Names as `tempfile.mkdtemp` makes them."""
_LOCK = ".lock"
_LISTS = (QUARANTINE_FILE, NOTES_FILE)
_MAX_LIST = 64 << 20
_SETTLES = 20
"""How often a list that others write at the same time is written again before that is called a failure."""


@contextlib.contextmanager
def staged(folder: Place, scratch: str | None) -> Iterator[Path]:
    """Give a local folder to draw a shard into: the dataset's own, or one that is sent when it is done.

    What is sent appears file by file, each whole: first what shards follow from, then the shard's tar and its
    manifest, its marker last. An exception sends nothing. The local folder is removed however this ends; one
    that a killed process left is removed by the next that works in the same place.

    Args:
        folder: the dataset's.
        scratch: where to make a local folder; the system's temporary folder unless given.

    Raises:
        PatternGenError: the scratch folder cannot be used, or sending is not allowed.
        GaveUpError: sending failed as often as is sensible.
    """
    if isinstance(folder, Path):
        yield folder
        return
    with _scratch_folder(workroom(folder, scratch)) as local:
        for name in _LISTS:
            _fetch(folder / name, local / name, _MAX_LIST)
        yield local
        _send(local, folder)


@contextlib.contextmanager
def nearby(folder: Place) -> Iterator[Path]:
    """Give a local folder with a dataset's list of programs left out and, if there is one, its programs."""
    if isinstance(folder, Path):
        yield folder
        return
    with _scratch_folder(workroom(folder, None)) as local:
        if _fetch(folder / QUARANTINE_FILE, local / QUARANTINE_FILE, _MAX_LIST):
            for part in (Path(PROGRAMS_FOLDER), Path(PROGRAMS_FOLDER, "lib")):
                for name in listing(folder / part.as_posix()):
                    _fetch(folder / part.as_posix() / name, local / part / name, MAX_PROGRAM)
        yield local


def _fetch(source: RemotePath, target: Path, limit: int) -> bool:
    try:
        data = read_bounded(source, limit)
    except FileNotFoundError:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return True


def _send(local: Path, folder: RemotePath) -> None:
    _send_programs(local / PROGRAMS_FOLDER, folder / PROGRAMS_FOLDER)
    for name in _LISTS:
        if (local / name).exists():
            _merge_lines(local / name, folder / name)
    for marker in sorted(local.glob(f"*{MARKER}")):
        _send_shard(local, folder, marker.name.removesuffix(MARKER))


def _send_programs(local: Path, folder: RemotePath) -> None:
    """Send the programs that are not there: their names follow from their texts."""
    for part in (".", "lib"):
        files = [path for path in sorted((local / part).glob("*")) if path.is_file()]
        target = folder if part == "." else folder / part
        there = listing(target) if files else {}
        for path in files:
            if path.name not in there:
                upload(path, target / path.name)


def _merge_lines(local: Path, remote: RemotePath) -> None:
    """Add lines to a remote list that others may add to at the same time: look again until ours are in it."""
    ours = local.read_bytes().splitlines()
    for _ in range(_SETTLES):
        try:
            theirs = read_bounded(remote, _MAX_LIST).splitlines()
        except FileNotFoundError:
            theirs = []
        news = [line for line in ours if line not in theirs]
        if not news:
            return
        upload(b"".join(line + b"\n" for line in [*theirs, *news]), remote)
    raise OSError(f"{remote} is overwritten by others all the time")


def _send_shard(local: Path, folder: RemotePath, name: str) -> None:
    marker, tar, manifest = (f"{name}{ending}" for ending in (MARKER, ".tar", ".parquet"))
    ours, there = read_stats(local, name), listing(folder)
    assert ours is not None
    theirs = refuse_another(folder, name, ours.job_hash)
    if theirs is not None and _is_there(theirs, ours, there, name):
        return  # another run of this job was faster
    if marker in there:  # a shard drawn anew is not whole while its files are exchanged
        (folder / marker).unlink(missing_ok=True)
    for part in (tar, manifest, marker):
        upload(local / part, folder / part)


def _is_there(theirs: ShardStats, ours: ShardStats, there: Mapping[str, int], name: str) -> bool:
    """Tell whether the remote shard is whole, with these pictures in it."""
    return (
        theirs.sha256 == ours.sha256 and there.get(f"{name}.tar") == ours.bytes and f"{name}.parquet" in there
    )


def workroom(folder: Place, scratch: str | None) -> Path:
    """Tell on which local folder's disk a dataset's shards are written."""
    if isinstance(folder, Path):
        return folder
    if scratch:
        return expanded(scratch)
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        raise PatternGenError("there is no folder for temporary files: give one with --scratch") from None


@contextlib.contextmanager
def _scratch_folder(parent: Path) -> Iterator[Path]:
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent)
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    except OSError as error:
        raise PatternGenError(f"scratch folder {parent}: {error.strerror}; give another --scratch") from None
    try:
        # The lock ends with the process, however it ends, so that `_sweep` knows the dead.
        with (path / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove the scratch folders that processes of this user left when they were killed."""
    for path in parent.iterdir():
        if not _SCRATCH.fullmatch(path.name):
            continue
        with contextlib.suppress(OSError):
            if path.is_symlink() or path.stat().st_uid != os.getuid():
                continue
            with (path / _LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
