"""What a folder's markers say, read fast: planning looks at every shard, and there may be 100 000."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from patterngen.dataset.folder import find_shards
from patterngen.dataset.format_version import FIRST
from patterngen.dataset.marker import MARKER, marked_shards, read_stats
from patterngen.storage.places import Place

_MAX_BYTES = 1 << 20
# What `ShardWriter` writes, line by line, and how that ends; a tenth of the time of parsing all of it. One
# that is cut short, or in another hand, is left to the reader that says what is wrong with it. (Markers from
# before `publish` took the MD5 of tars have a line more.)
_ENTRY = re.compile(
    rb'\{\n(?: "format_version": (2),\n)? "count": (\d+),\n(?:.*\n){3} "bytes": (\d+),\n'
    rb'(?:.*\n){1,2} "job_hash": "([0-9a-f]{64})",\n'
)
_END = b"\n }\n}\n"


@dataclass(frozen=True, slots=True)
class MarkedShard:
    """One marked shard."""

    count: int
    """Pictures that it was written with."""
    bytes: int
    """Bytes of its tar, as it was written."""
    job_hash: str
    format_version: int
    is_whole: bool
    """Whether its tar has that size, and its manifest is there; `verify` looks closer."""


def inventory(folder: Place) -> dict[str, MarkedShard]:
    """List the marked shards of a folder by name; empty if there is no such folder.

    The folder is listed once; each shard then costs one look at the size of its tar and one read of its
    marker, by names relative to the open folder; a remote one is listed and read as `find_shards` does.

    Raises:
        PatternGenError: a marker is damaged or of a newer format, or a remote place cannot be reached.
    """
    if not isinstance(folder, Path):
        return {
            shard.name: MarkedShard(
                shard.count,
                shard.stats.bytes,
                shard.stats.job_hash,
                shard.stats.format_version,
                shard.is_whole,
            )
            for shard in find_shards(folder)
        }
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    try:
        names = set(os.listdir(handle))  # noqa: PTH208 - the folder is open
        marked = marked_shards(names)
        found = {name: _entry(folder, handle, name, f"{name}.parquet" in names) for name in marked}
    finally:
        os.close(handle)
    return {name: entry for name, entry in found.items() if entry is not None}


def _entry(folder: Path, handle: int, name: str, has_manifest: bool) -> MarkedShard | None:
    try:
        marker = os.open(name + MARKER, os.O_RDONLY, dir_fd=handle)
        try:
            data = os.read(marker, _MAX_BYTES)
        finally:
            os.close(marker)
    except FileNotFoundError:  # another run draws it anew
        return None
    match = _ENTRY.match(data) if data.endswith(_END) else None
    if match is None:
        stats = read_stats(folder, name)
        if stats is None:
            return None
        count, size, job_hash = stats.count, stats.bytes, stats.job_hash
        version = stats.format_version
    else:
        count, size, job_hash = int(match[2]), int(match[3]), match[4].decode()
        version = int(match[1] or FIRST)
    try:
        is_whole = os.stat(f"{name}.tar", dir_fd=handle).st_size == size and has_manifest
    except FileNotFoundError:
        is_whole = False
    return MarkedShard(count, size, job_hash, version, is_whole)
