"""Writing chosen pictures of one dataset into a new folder of uniform shards."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from patterngen.access import read_picture
from patterngen.classes import read_classes, write_classes
from patterngen.dataset import QUARANTINE_FILE, DatasetFolder, find_shards
from patterngen.errors import PatternGenError
from patterngen.files import local_folder, sweep, write_atomic
from patterngen.kept import copy_kept
from patterngen.publish import publish
from patterngen.shard import Row, ShardWriter, shard_name

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
    copy_kept(dataset.path, folder, kept["params"].to_pylist())
    write_classes(folder, read_classes(dataset.path))
    if (dataset.path / QUARANTINE_FILE).exists():  # by which pictures are drawn again
        write_atomic(folder / QUARANTINE_FILE, (dataset.path / QUARANTINE_FILE).read_bytes())
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
            yield read_picture(tar, path, row)
