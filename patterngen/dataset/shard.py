"""One shard: a tar of pictures, its manifest, and the marker that says both are whole.

``train-000000.tar`` is USTAR; each picture is three members, ``KEY.jpg``, ``KEY.cls``, ``KEY.json``.
``train-000000.parquet`` has a row per picture with the byte range of its picture in the tar.
``train-000000_stats.json`` is written last: a shard without it does not exist.
"""

import hashlib
import json
import re
import socket
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from patterngen._version import __version__
from patterngen.dataset.format_version import FIRST, KEY, version_in
from patterngen.dataset.tar import BLOCK, end_of_archive, member
from patterngen.errors import PatternGenError
from patterngen.metrics import TV_DEFINITION
from patterngen.signals import deferred_signals
from patterngen.storage.files import atomic_file, settle
from patterngen.storage.places import Place, read_bounded

SHARD_GLOB = "train-*.tar"
MARKER = "_stats.json"
"""What the name of a shard's marker ends with, after the shard's own."""
PACKED = 0
"""The family version of pictures that no family drew: those of families begin with 1."""
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)

REDRAW = "run `patterngen render` again to draw this shard anew"
"""What to do about a shard whose files are missing or of another size."""
HEAL = f"delete its _stats.json and {REDRAW}"
"""What to do about a shard whose damage does not show in its size."""

LEAST_BYTES = 6 * BLOCK
"""Fewest bytes of a picture in a tar: three members, each a header and some data."""

_MAX_STATS = 1 << 20
_NAME = re.compile("train-([0-9]{6}|[1-9][0-9]{6,})")


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
_to_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: `json.dumps` makes one for each row
_JSON_FIELDS = tuple(field.name for field in fields(Row) if field.name != "renderer")


def row_json(row: Mapping[str, object]) -> str:
    """Write a picture's JSON member from its row: all but the renderer, which depends on the machine."""
    return _to_json({name: row[name] for name in _JSON_FIELDS})


@dataclass(frozen=True, kw_only=True)
class ShardStats:
    """What ``_stats.json`` says of one shard."""

    format_version: int
    """Version of the folder's format; only from the second one on does the file say so."""
    count: int
    failed: int
    seconds: float
    images_per_second: float
    bytes: int
    sha256: str
    """SHA-256 of the tar."""
    job_hash: str
    patterngen_version: str
    renderer: str
    hostname: str
    started: str
    ended: str
    tv_quantiles: dict[str, float]


_KINDS: dict[object, tuple[type, ...]] = {
    int: (int,),
    float: (int, float),
    str: (str,),
    dict[str, float]: (dict,),
}


def shard_name(number: int) -> str:
    """Name a shard, without its suffixes: ``train-000042``."""
    return f"train-{number:06d}"


def is_shard_name(name: str) -> bool:
    """Tell whether that is a shard's name: a folder may hold other things that begin with ``train-``."""
    return _NAME.fullmatch(name) is not None


def marked_shards(names: Iterable[str]) -> list[str]:
    """Return the shards, in ascending order, whose markers are among the names of a folder's files."""
    ended = (name.removesuffix(MARKER) for name in names if name.endswith(MARKER))
    return sorted(filter(is_shard_name, ended))


def image_key(index: int) -> str:
    """Name a picture by its global index: digits only, because readers split names at the first dot."""
    return f"{index:09d}"


def stats_path(folder: Place, name: str) -> Place:
    """Where a shard's marker lies."""
    return folder / f"{name}{MARKER}"


def read_stats(folder: Place, name: str) -> ShardStats | None:
    """Read a shard's marker; None when the shard is not whole.

    Raises:
        PatternGenError: the marker is not one of ours; a `NewerFormatError`, if it is of a newer format.
    """
    path = stats_path(folder, name)
    try:
        data = json.loads(read_bounded(path, _MAX_STATS))
        said = data | {KEY: version_in(data, folder)}
        stats = ShardStats(**{field.name: said[field.name] for field in fields(ShardStats)})
        kinds = {field.name: _KINDS[field.type] for field in fields(ShardStats)}
        if not all(isinstance(getattr(stats, name), kind) for name, kind in kinds.items()):
            raise TypeError("a value is of another kind")
        if stats.count < 1 or stats.bytes < stats.count * LEAST_BYTES:
            raise ValueError(f"{stats.count} pictures in {stats.bytes} bytes")
        return stats
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PatternGenError(
            f"{path} is damaged ({type(error).__name__}: {error}); delete it and render again"
        ) from None


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
    """

    def __init__(
        self, folder: Path, name: str, *, extension: str, job_hash: str, format_version: int
    ) -> None:
        self._folder, self._name, self._extension, self._job_hash = folder, name, extension, job_hash
        self._format_version = format_version
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

    def add(self, picture: bytes, row: Row) -> None:
        """Append one encoded picture and what is known of it; keys ascend."""
        self._ranges.append((self._position + BLOCK, len(picture)))
        self._write(*member(f"{row.key}.{self._extension}", picture))
        self._write(*member(f"{row.key}.cls", str(row.class_id).encode()))
        self._write(*member(f"{row.key}.json", row_json(vars(row)).encode()))
        self._rows.append(row)
        if self._position - self._written >= _BLOCK:
            self._flush()

    def commit(self) -> ShardStats:
        """Bring the shard to the disk under its names, its marker last.

        All bytes are on the disk before the first file gets its name: a disk that is full leaves nothing of
        the shard, and what was there before is untouched.
        """
        self._write(end_of_archive(self._position))
        self._flush()
        path = stats_path(self._folder, self._name)
        with ExitStack() as files:
            marker = files.enter_context(atomic_file(path))
            manifest = files.enter_context(atomic_file(self._folder / f"{self._name}.parquet"))
            pq.write_table(self._manifest(), manifest, compression="zstd")
            settle(self._tar)
            settle(manifest)
            stats = self._stats()
            marker.write(_marker_text(stats).encode())
            settle(marker)
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
        table = pa.table(columns, schema=MANIFEST)
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
        )


def _marker_text(stats: ShardStats) -> str:
    said = asdict(stats)
    if stats.format_version == FIRST:
        del said[KEY]
    return json.dumps(said, indent=1) + "\n"


class _NotCommittedError(Exception):
    """Says to `atomic_file` that the shard was given up."""
