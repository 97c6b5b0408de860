"""Writing chosen pictures of one dataset into a new folder of uniform shards."""

import hashlib
from collections.abc import Iterator
from dataclasses import fields
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from patterngen.dataset.classes import read_classes, write_classes
from patterngen.dataset.folder import NOTES_FILE, QUARANTINE_FILE, DatasetFolder, find_shards
from patterngen.dataset.indexes import write_indexes
from patterngen.dataset.marker import shard_name
from patterngen.dataset.programs import copy_programs, dataset_programs
from patterngen.dataset.reader import read_arrays, read_picture
from patterngen.dataset.scan import kept_rows
from patterngen.dataset.shard import MANIFEST, Row, ShardWriter
from patterngen.dataset.staging import staged
from patterngen.errors import PatternGenError
from patterngen.storage.files import remove_leftovers, write_atomic
from patterngen.storage.places import Place, make_folder, place, read_bounded

_MOST_BYTES = 1 << 26
"""Most bytes of a list of the programs that a dataset is drawn without."""

_ROW_FIELDS = tuple(field.name for field in fields(Row))


def repack(dataset: DatasetFolder, kept: NDArray[np.bool_], out: str) -> Place:
    """Copy the kept pictures, bytes, rows and format unchanged, into shards as long as the dataset's own.

    Args:
        dataset: where the pictures are.
        kept: which of them to copy, bool [N].
        out: the new folder. An interrupted run goes on where it stopped; another dataset's folder is refused.

    Returns:
        The new folder.

    Raises:
        PatternGenError: the folder holds something else, or a tar does not hold what its manifest says.
    """
    folder = place(out)
    job_hash = _repacked_hash(dataset, kept)
    present = find_shards(folder)
    if {shard.stats.job_hash for shard in present} - {job_hash}:
        raise PatternGenError(f"{out} holds another dataset: give --repack a new folder")
    make_folder(folder)
    remove_leftovers(folder)
    whole = {shard.name for shard in present if shard.is_whole}
    for number, table in enumerate(_uniform(dataset, kept)):
        name = shard_name(number)
        if name not in whole:
            with staged(folder, None) as local:
                _copy_shard(dataset, table.to_pylist(), local, name, job_hash)
    if dataset_programs(dataset.path):
        params = (
            text for _, table in kept_rows(dataset, kept, ["params"]) for text in table["params"].to_pylist()
        )
        copy_programs(dataset.path, folder, params)
    write_classes(folder, read_classes(dataset.path))
    for listed in (QUARANTINE_FILE, NOTES_FILE):  # by the first of which pictures are drawn again
        if (dataset.path / listed).exists():
            write_atomic(folder / listed, read_bounded(dataset.path / listed, _MOST_BYTES))
    write_indexes(DatasetFolder.open(out))
    return folder


def _uniform(dataset: DatasetFolder, kept: NDArray[np.bool_]) -> Iterator[pa.Table]:
    """Yield the kept rows in tables as long as the dataset's own shards; the last may be shorter."""
    length = max(shard.count for shard in dataset.shards)
    waiting: list[pa.Table] = []
    for shard, table in kept_rows(dataset, kept, [*MANIFEST.names, *dataset.measures]):
        # Whatever a manifest says of the tar, its own is the one that it is read with.
        own = pa.array([shard.path.name] * len(table))
        table = table.set_column(table.column_names.index("shard"), MANIFEST.field("shard"), own)
        rows = pa.concat_tables([*waiting, table])
        while len(rows) >= length:
            yield rows.slice(0, length)
            rows = rows.slice(length)
        waiting = [rows]
    if waiting and len(waiting[0]):
        yield waiting[0]


def _repacked_hash(dataset: DatasetFolder, kept: NDArray[np.bool_]) -> str:
    """Name the repacked dataset: equal for equal pictures of an equal dataset, whatever rule chose them."""
    digest = hashlib.sha256(dataset.job_hash.encode())
    for _, table in kept_rows(dataset, kept, ["key"]):
        digest.update("".join(table["key"].to_pylist()).encode())
    return digest.hexdigest()


def _copy_shard(
    dataset: DatasetFolder, rows: list[dict[str, Any]], folder: Path, name: str, job_hash: str
) -> None:
    pictures = _pictures(dataset, rows)
    first = next(pictures)
    # Seeds and params are copied as they are, so what their format promises of them, the copy does.
    version = dataset.format_version
    with ShardWriter(
        folder,
        name,
        extension=first[0],
        job_hash=job_hash,
        format_version=version,
        measures=dataset.measures,
        arrays=dataset.arrays,
    ) as writer:
        for row, (_, picture, arrays) in zip(rows, chain([first], pictures), strict=True):
            writer.add(picture, _row(row), row, arrays)
        writer.commit()


def _row(values: dict[str, Any]) -> Row:
    return Row(**{name: values[name] for name in _ROW_FIELDS})


def _pictures(
    dataset: DatasetFolder, rows: list[dict[str, Any]]
) -> Iterator[tuple[str, bytes, dict[str, bytes]]]:
    """Read the extension and the bytes of each row's picture and its arrays, opening each tar once."""
    for name, members in groupby(rows, key=itemgetter("shard")):
        path = dataset.path / name
        with path.open("rb") as tar:
            for row in members:
                extension, picture = read_picture(tar, path, row)
                yield extension, picture, read_arrays(tar, path, row, dataset.arrays)
