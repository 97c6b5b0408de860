"""One shard: a tar of pictures, its manifest, and the marker that says both are whole.

``train-000000.tar`` is USTAR; each picture is three members, ``KEY.jpg``, ``KEY.cls``, ``KEY.json``, and one
``KEY.NAME.npy`` for each array that the dataset holds.
``train-000000.parquet`` has a row per picture with the byte range of its picture in the tar.
``train-000000_stats.json`` is written last: a shard without it does not exist.
"""

import hashlib
import json
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from patterngen._version import __version__
from patterngen.dataset.marker import ShardStats, marker_text, refuse_another, stats_path
from patterngen.dataset.tar import BLOCK, end_of_archive, member
from patterngen.measures import MEASURES
from patterngen.metrics import TV_DEFINITION
from patterngen.signals import deferred_signals
from patterngen.storage.files import atomic_file, flush_to_disk

PACKED = 0
"""The family version of pictures that no family drew: those of families begin with 1."""
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is known of one picture: a row of the manifest and, but for the renderer, its JSON member.

    Every field is always present and never null, because readers infer types from the first samples.
    """

    key: str
    """The global index in nine digits."""
    family: str
    """The family with the settings that are not its defaults: what ``patterngen show`` takes; a name of their
    own for pictures that no family drew."""
    family_version: int
    class_id: int
    seed: int
    width: int
    height: int
    tv: float
    tv_iso: float
    tv_rgb: float
    sha256: str
    """SHA-256 of the pixels, H·W·3 bytes."""
    params: str
    """A flat JSON object as text."""
    renderer: str


_ARROW: dict[object, pa.DataType] = {str: pa.string(), int: pa.int64(), float: pa.float64()}
_PLACE = {"shard": pa.string(), "offset": pa.int64(), "size": pa.int64()}
MANIFEST = pa.schema(
    [
        *(pa.field(field.name, _ARROW[field.type], nullable=False) for field in fields(Row)),
        *(pa.field(name, kind, nullable=False) for name, kind in _PLACE.items()),
    ]
)
"""Columns of a shard's manifest: a `Row`, and where its picture lies: tar, first byte, number of bytes."""
MEASURED = pa.schema([pa.field(name, pa.float64(), nullable=False) for name in MEASURES])
"""Columns that a manifest has beside those of `MANIFEST` where they were asked for."""
_to_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: `json.dumps` makes one for each row
_JSON_FIELDS = tuple(field.name for field in fields(Row) if field.name != "renderer")


def row_json(row: Mapping[str, object]) -> str:
    """Write a picture's JSON member from its row: all but the renderer, which depends on the machine."""
    return _to_json({name: row[name] for name in _JSON_FIELDS})


def image_key(index: int) -> str:
    """Name a picture by its global index: digits only, because readers split names at the first dot."""
    return f"{index:09d}"


def array_member(key: str, name: str) -> str:
    """Name the member of a tar that holds an array of a picture."""
    return f"{key}.{name}.npy"


_BLOCK = 1 << 18
"""Bytes that are gathered before they are hashed and written: few calls, and still in the cache."""


class ShardWriter:
    """Writes one shard. A context: leaving it without `commit` leaves nothing behind.

    Args:
        folder: the dataset folder; it exists.
        name: of the shard, without suffix.
        extension: of the pictures: ``jpg``, ``png`` or ``webp``.
        job_hash: what the pictures belong to.
        format_version: of the folder.
        measures: columns that its manifest has beside those of every manifest.
        arrays: names of the arrays that stand beside each picture.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        extension: str,
        job_hash: str,
        format_version: int,
        measures: Sequence[str] = (),
        arrays: Sequence[str] = (),
    ) -> None:
        self._folder, self._name, self._extension, self._job_hash = folder, name, extension, job_hash
        self._format_version, self._arrays = format_version, tuple(arrays)
        self._measured: dict[str, list[float]] = {name: [] for name in measures}
        self._rows: list[Row] = []
        self._ranges: list[tuple[int, int]] = []
        self._pending: list[bytes] = []
        self._position = self._written = 0
        self._sha256 = hashlib.sha256()
        self._started, self._clock = datetime.now(UTC), time.perf_counter()

    def __enter__(self) -> "ShardWriter":
        with ExitStack() as stack:
            self._tar: BinaryIO = stack.enter_context(atomic_file(self._folder / f"{self._name}.tar"))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # After `commit` the stack is empty. Otherwise the tar is thrown away, also when nothing was raised.
        discard = error or _NotCommittedError()
        self._stack.__exit__(type(discard), discard, trace)

    def add(
        self,
        picture: bytes,
        row: Row,
        measured: Mapping[str, float] = MappingProxyType({}),
        arrays: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        """Append one encoded picture, its row, its measures and its arrays as NPY; keys ascend."""
        self._ranges.append((self._position + BLOCK, len(picture)))
        self._write(*member(f"{row.key}.{self._extension}", picture))
        self._write(*member(f"{row.key}.cls", str(row.class_id).encode()))
        self._write(*member(f"{row.key}.json", row_json(vars(row)).encode()))
        for name in self._arrays:
            self._write(*member(array_member(row.key, name), arrays[name]))
        self._rows.append(row)
        for name, values in self._measured.items():
            values.append(measured[name])
        if self._position - self._written >= _BLOCK:
            self._flush()

    def commit(self) -> ShardStats:
        """Bring the shard to the disk under its names, its marker last.

        All bytes are on the disk before the first file gets its name: a disk that is full leaves nothing of
        the shard, and what was there before is untouched.

        Raises:
            PatternGenError: a shard of another job got this name in the meantime.
        """
        self._write(end_of_archive(self._position))
        self._flush()
        path = stats_path(self._folder, self._name)
        with ExitStack() as files:
            marker = files.enter_context(atomic_file(path))
            manifest = files.enter_context(atomic_file(self._folder / f"{self._name}.parquet"))
            pq.write_table(self._manifest(), manifest, compression="zstd", write_page_checksum=True)
            flush_to_disk(self._tar)
            flush_to_disk(manifest)
            stats = self._stats()
            marker.write(marker_text(stats).encode())
            flush_to_disk(marker)
            refuse_another(self._folder, self._name, self._job_hash)
            # Who asks a run to stop finds no tar without its marker.
            with deferred_signals():
                # A shard drawn anew is not whole while its files are exchanged.
                path.unlink(missing_ok=True)
                self._stack.close()
                # Left in reverse: after the tar, the manifest gets its name, and the marker last.
                files.close()
        return stats

    def _write(self, *parts: bytes) -> None:
        self._pending += parts
        self._position += sum(map(len, parts))

    def _flush(self) -> None:
        data = b"".join(self._pending)
        self._pending.clear()
        self._tar.write(data)
        self._sha256.update(data)
        self._written += len(data)

    def _manifest(self) -> pa.Table:
        columns = {field.name: [getattr(row, field.name) for row in self._rows] for field in fields(Row)}
        columns["shard"] = [f"{self._name}.tar"] * len(self._rows)
        columns["offset"] = [offset for offset, _ in self._ranges]
        columns["size"] = [size for _, size in self._ranges]
        fields_beside = [MEASURED.field(name) for name in self._measured]
        table = pa.table(columns | self._measured, schema=pa.schema([*MANIFEST, *fields_beside]))
        return table.replace_schema_metadata({"job_hash": self._job_hash, "tv_definition": TV_DEFINITION})

    def _stats(self) -> ShardStats:
        seconds = time.perf_counter() - self._clock
        tv = np.quantile([row.tv for row in self._rows], QUANTILES)
        return ShardStats(
            format_version=self._format_version,
            count=len(self._rows),
            failed=0,
            seconds=round(seconds, 3),
            images_per_second=round(len(self._rows) / seconds, 1),
            bytes=self._position,
            sha256=self._sha256.hexdigest(),
            job_hash=self._job_hash,
            patterngen_version=__version__,
            renderer="; ".join(sorted({row.renderer for row in self._rows})),
            hostname=socket.gethostname(),
            started=self._started.isoformat(timespec="seconds"),
            ended=datetime.now(UTC).isoformat(timespec="seconds"),
            tv_quantiles={str(q): float(value) for q, value in zip(QUANTILES, tv, strict=True)},
            measures=tuple(self._measured),
            arrays=self._arrays,
        )


class _NotCommittedError(Exception):
    """Says to `atomic_file` that the shard was given up."""
