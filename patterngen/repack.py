"""Writing chosen pictures of one dataset into a new folder of uniform shards."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from patterngen.dataset import DatasetFolder, find_shards
from patterngen.errors import PatternGenError
from patterngen.files import local_folder, sweep
from patterngen.publish import publish
from patterngen.shard import HEAL, Row, ShardWriter, shard_name

MAX_PICTURE = 1 << 28
"""Bytes of the largest encoded picture that is read; a manifest may come from a stranger."""

_BLOCK = 512
_EXTENSIONS = ("jpg", "png", "webp")
_ROW_FIELDS = tuple(field.name for field in fields(Row))


def repack(dataset: DatasetFolder, kept: pa.Table, out: str, job_hash: str) -> Path:
    """Copy the kept pictures, bytes and keys unchanged, into shards as long as the dataset's own.

    Args:
        dataset: where the pictures are.
        kept: rows of its manifest, all columns, in its order.
        out: the new folder. An interrupted run is repeated; another dataset's folder is refused.
        job_hash: what the new dataset is.

    Returns:
        The new folder.

    Raises:
        PatternGenError: the folder holds something else, or a tar does not hold what its manifest says.
    """
    folder = local_folder(out)
    if folder.is_dir() and {shard.stats.job_hash for shard in find_shards(folder)} - {job_hash}:
        raise PatternGenError(f"{out} holds another dataset: give --repack a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    samples_per_shard = max(shard.count for shard in dataset.shards)
    for number, start in enumerate(range(0, len(kept), samples_per_shard)):
        rows = kept.slice(start, samples_per_shard).to_pylist()
        _copy_shard(dataset.path, rows, folder, shard_name(number), job_hash)
    publish(DatasetFolder.open(out))
    return folder


def _copy_shard(source: Path, rows: list[dict[str, Any]], folder: Path, name: str, job_hash: str) -> None:
    pictures = _pictures(source, rows)
    extension, first = next(pictures)
    with ShardWriter(folder, name, extension=extension, job_hash=job_hash) as writer:
        writer.add(first, _row(rows[0]))
        for row, (_, picture) in zip(rows[1:], pictures, strict=True):
            writer.add(picture, _row(row))
        writer.commit()


def _row(values: dict[str, Any]) -> Row:
    return Row(**{name: values[name] for name in _ROW_FIELDS})


def _pictures(source: Path, rows: list[dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
    """Read the extension and the bytes of each row's picture, opening each tar once."""
    with ExitStack() as stack:
        tar: BinaryIO | None = None
        for row in rows:
            # Only the last part of the name: a manifest must not lead out of its folder.
            path = source / Path(row["shard"]).name
            if tar is None or tar.name != str(path):
                stack.close()
                tar = stack.enter_context(path.open("rb"))
            yield _picture(tar, row, path)


def _picture(tar: BinaryIO, row: dict[str, Any], path: Path) -> tuple[str, bytes]:
    """Read one picture by its byte range, after its member's header has confirmed whose it is."""
    offset, size = row["offset"], row["size"]
    if offset >= _BLOCK and 0 < size <= MAX_PICTURE:
        tar.seek(offset - _BLOCK)
        block = tar.read(_BLOCK + size)
        key, _, extension = block[:100].rstrip(b"\0").decode("ascii", "replace").rpartition(".")
        if key == row["key"] and extension in _EXTENSIONS and len(block) == _BLOCK + size:
            return extension, block[_BLOCK:]
    raise PatternGenError(f"{path} does not hold picture {row['key']} where its manifest says; {HEAL}")
