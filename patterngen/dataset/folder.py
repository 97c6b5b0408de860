"""A dataset folder as its readers see it: whole shards, their manifest, and what they belong to."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patterngen.dataset.classes import count_classes, read_classes
from patterngen.dataset.format_version import JOB_FILE, NewerFormatError, begun_in
from patterngen.dataset.marker import REDRAW, REPAIR, ShardStats, marked_shards, read_stats
from patterngen.dataset.shard import MANIFEST, MEASURED
from patterngen.dataset.shown import dataset_html
from patterngen.errors import PatternGenError
from patterngen.notebook import heading
from patterngen.storage.ahead import map_ahead
from patterngen.storage.names import path_in_text
from patterngen.storage.places import Place, listing, place, reaching, read_bounded

READERS = 32
"""Requests under way at once to a remote place: nearly all of the time of each is waiting."""

_CHUNK = 1 << 20

_SHOWN = 32
"""Shards whose manifests a notebook's summary reads, at most."""

_MOST_ROW_BYTES = 1 << 16
"""Most bytes of a picture's row in a manifest, on the average of a shard; ours have a hundredth of that."""
_MOST_MANIFEST_BYTES = 1 << 30

QUARANTINE_FILE = "quarantine.jsonl"
"""The shader programs that the pictures were drawn without: what a dataset follows from, besides its job."""
NOTES_FILE = "notes.jsonl"
"""What was done to the programs that pictures were drawn with, such as noise in place of a texture."""


@dataclass(frozen=True)
class Shard:
    """One whole shard: its tar, its manifest, its marker."""

    path: Place
    """Path of the tar."""
    stats: ShardStats
    size: int | None
    """Bytes of the tar when the folder was listed; None if it was missing."""
    manifest_size: int | None
    """Bytes of the manifest then; None if it was missing."""

    @property
    def name(self) -> str:
        """Name of the shard, without endings: ``train-000042``."""
        return self.path.stem

    @property
    def count(self) -> int:
        """How many pictures it holds."""
        return self.stats.count

    @property
    def manifest_path(self) -> Place:
        """Path of the parquet file."""
        return self.path.with_suffix(".parquet")

    @property
    def is_whole(self) -> bool:
        """Whether its files are there and the tar has its size; `verify` looks closer."""
        return self.size == self.stats.bytes and self.manifest_size is not None

    def check_size(self) -> None:
        """Compare the tar's size with the one that was written.

        Raises:
            PatternGenError: the tar is missing, or shorter or longer than that.
        """
        if self.size is None:
            raise PatternGenError(f"{self.path} is missing; {REDRAW}")
        if self.size != self.stats.bytes:
            state = "truncated" if self.size < self.stats.bytes else "too long"
            raise PatternGenError(
                f"{self.path} is {state}: {self.size} of {self.stats.bytes} bytes; {REDRAW}"
            )

    def check_bytes(self, *others: str) -> tuple[str, ...]:
        """Read the tar and compare its SHA-256 with that of what was written.

        Args:
            others: algorithms of `hashlib` that the same bytes are hashed by.

        Returns:
            The digests by these, in hexadecimal.

        Raises:
            PatternGenError: they differ, or the tar is missing or cannot be reached.
        """
        first, *rest = (hashlib.new(name, usedforsecurity=False) for name in ("sha256", *others))
        try:
            with reaching(self.path), self.path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    for digest in (first, *rest):
                        digest.update(chunk)
        except FileNotFoundError:
            raise PatternGenError(f"{self.path} is missing; {REDRAW}") from None
        if first.hexdigest() != self.stats.sha256:
            raise PatternGenError(
                f"{self.path} has other bytes than were written (its SHA-256 differs); {REPAIR}"
            )
        return tuple(digest.hexdigest() for digest in rest)

    def manifest(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Read the manifest, one row per picture in the order of the tar.

        Args:
            columns: which of its columns, measures among them; those that every manifest has unless given.

        Raises:
            PatternGenError: the file is missing or damaged, or has another number of rows than pictures, or
                lacks a column or values of it.
        """
        names = MANIFEST.names if columns is None else list(columns)
        try:
            known = pa.schema([*MANIFEST, *(one for one in MEASURED if one.name in self.stats.measures)])
            schema = pa.schema([known.field(name) for name in names])
            texts = [field.name for field in schema if field.type == pa.string()]
            with (
                self._manifest_file() as source,
                pq.ParquetFile(source, read_dictionary=texts, page_checksum_verification=True) as file,
            ):
                self._check_promise(file.metadata)
                table = file.read(columns=names)
                self._check_texts(table)
                return table.select(names).cast(schema)
        except FileNotFoundError:
            raise PatternGenError(f"{self.manifest_path} is missing; {REDRAW}") from None
        except (pa.ArrowException, KeyError, OSError, ValueError) as error:
            raise PatternGenError(f"{self.manifest_path} is damaged ({error}); {REPAIR}") from None

    def _manifest_file(self) -> AbstractContextManager[Path | pa.BufferReader]:
        if isinstance(self.manifest_path, Path):
            return path_in_text(self.manifest_path)
        # Whole, in one request: a reader of columns would make many, each longer than its reading.
        whole: AbstractContextManager[pa.BufferReader] = pa.BufferReader(
            read_bounded(self.manifest_path, _MOST_MANIFEST_BYTES)
        )
        return whole

    def _check_texts(self, table: pa.Table) -> None:
        """Refuse texts that are small in their dictionaries, and large once every row has its own."""
        chunks = [chunk for column in table.columns for chunk in column.chunks]
        dictionaries = [chunk for chunk in chunks if pa.types.is_dictionary(chunk.type)]
        sizes = [pc.binary_length(chunk.dictionary).take(chunk.indices) for chunk in dictionaries]
        size = sum(pc.sum(each).as_py() or 0 for each in sizes)
        if size > len(table) * _MOST_ROW_BYTES:
            raise PatternGenError(
                f"{self.manifest_path} names texts of {size} bytes in its {len(table)} rows: too many; "
                f"{REPAIR}"
            )

    def _check_promise(self, metadata: pq.FileMetaData) -> None:
        """Refuse a manifest before memory is taken for what it says that it holds."""
        rows, job = metadata.num_rows, (metadata.metadata or {}).get(b"job_hash")
        if job is not None and job != self.stats.job_hash.encode():
            raise PatternGenError(f"{self.manifest_path} is another job's; {REPAIR}")
        if rows != self.count:
            raise PatternGenError(f"{self.manifest_path} has {rows} rows for {self.count} pictures; {REPAIR}")
        size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
        if not 0 <= size <= rows * _MOST_ROW_BYTES:
            raise PatternGenError(
                f"{self.manifest_path} says that its {rows} rows take {size} bytes: too many; {REPAIR}"
            )


@dataclass(frozen=True)
class DatasetFolder:
    """A folder of shards, as many as are whole.

    Examples:
        >>> from patterngen import DatasetSpec, RunOptions, render, DatasetFolder
        >>> spec = DatasetSpec(family=("perlin",), count=6, size=16)
        >>> report = render(spec, RunOptions(out="clouds"))
        >>> folder = DatasetFolder.open("clouds")
        >>> folder.count, folder.manifest(["key", "tv"]).column_names
        (6, ['key', 'tv'])
    """

    path: Place
    shards: tuple[Shard, ...]

    @classmethod
    def open(
        cls, url: str, *, check_sizes: bool = True, damaged: dict[str, str] | None = None
    ) -> "DatasetFolder":
        """Open a dataset folder.

        Args:
            url: a path or any fsspec URL.
            check_sizes: refuse tars that are shorter or longer than they were written.
            damaged: as for `find_shards`.

        Raises:
            PatternGenError: no such folder, no whole shard in it, shards of several datasets, a tar of
                another size, or a newer format than is known.
        """
        path = place(url)
        if isinstance(path, Path) and not path.is_dir():
            raise PatternGenError(f"dataset {url!r}: no such folder")
        shards = find_shards(path, damaged)
        if not shards:
            raise PatternGenError(
                f"dataset {url!r} holds no whole shard (train-*.tar with its _stats.json); "
                "`patterngen render` draws one"
            )
        if len({shard.stats.job_hash for shard in shards}) > 1:
            raise PatternGenError(f"dataset {url!r} holds shards of several jobs: give each its own folder")
        if check_sizes:
            for shard in shards:
                shard.check_size()
        return cls(path, shards)

    @property
    def job_hash(self) -> str:
        """What the dataset is: equal for equal pixels and layout."""
        return self.shards[0].stats.job_hash

    @property
    def is_current(self) -> bool:
        """Whether the folder still lists the same shards, their tars as long as when it was opened."""
        sizes = listing(self.path)
        return {shard.name: shard.size for shard in self.shards} == {
            name: sizes.get(f"{name}.tar") for name in marked_shards(sizes)
        }

    @property
    def num_classes(self) -> int:
        """Number of classes of its pictures, by its table of classes; 1 if it has none."""
        return count_classes(read_classes(self.path))

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures, beside Total Variation, that every picture has in the manifests."""
        return tuple(
            name for name in MEASURED.names if all(name in shard.stats.measures for shard in self.shards)
        )

    @property
    def arrays(self) -> tuple[str, ...]:
        """Arrays that every picture has beside it: ``label_map``, ``piano_roll``."""
        return self.shards[0].stats.arrays  # of one job, and so of all of them

    @property
    def format_version(self) -> int:
        """Format version that the folder was begun in."""
        return self.shards[0].stats.format_version

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return sum(shard.count for shard in self.shards)

    @property
    def bytes(self) -> int:
        """How large the tars are together."""
        return sum(shard.stats.bytes for shard in self.shards)

    def manifest(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Read the manifest of all shards, one row per picture in ascending order of keys.

        Raises:
            PatternGenError: as `Shard.manifest`.
        """
        return pa.concat_tables(self.manifests(columns))

    def manifests(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Read the manifest of one shard after another, ahead of their use.

        Raises:
            PatternGenError: as `Shard.manifest`.
        """
        return map_ahead(lambda shard: shard.manifest(columns), self.shards, readers(self.path))

    def _repr_html_(self) -> str:
        """Show families and Total Variation in a notebook; of many shards, by some that are spread evenly."""
        some = self.shards[:: -(-len(self.shards) // _SHOWN)]
        parts = f"{len(self.shards)} shard{'s' if len(self.shards) > 1 else ''}"
        facts = [f"{self.count} pictures", f"{self.bytes / 1e6:.1f} MB in {parts}"]
        if len(some) < len(self.shards):
            facts.append(f"below, {sum(shard.count for shard in some)} pictures of {len(some)} shards")
        try:
            tables = [shard.manifest(["family", "tv"]) for shard in some]
        except PatternGenError as error:
            return heading(self.path, *facts, error)
        return dataset_html(str(self.path), facts, pa.concat_tables(tables))


def find_shards(folder: Place, damaged: dict[str, str] | None = None) -> tuple[Shard, ...]:
    """List the whole shards of a folder in ascending order; foreign files are not looked at.

    The folder is listed once, and the markers are read; of tars and manifests only the listing is used.
    Where there is no folder there are no shards.

    Args:
        folder: where to look.
        damaged: takes what is wrong with a marker that is none of ours, by its shard's name. Unless given,
            that is raised.

    Raises:
        PatternGenError: a marker is none of ours, or a remote place cannot be reached; a `NewerFormatError`,
            if the folder is of a newer format.
    """
    sizes = listing(folder)
    names = marked_shards(sizes)
    if not names and JOB_FILE in sizes:
        begun_in(folder)  # of a newer format, which may mark its shards in another way, nothing is said then

    def read(name: str) -> ShardStats | None:
        try:
            return read_stats(folder, name)
        except NewerFormatError:
            raise
        except PatternGenError as error:
            if damaged is None:
                raise
            damaged[name] = str(error)
            return None

    markers = map(read, names) if isinstance(folder, Path) else map_ahead(read, names, READERS)
    return tuple(
        Shard(folder / f"{name}.tar", stats, sizes.get(f"{name}.tar"), sizes.get(f"{name}.parquet"))
        for name, stats in zip(names, markers, strict=True)
        if stats is not None
    )


def readers(folder: Place) -> int | None:
    """How many threads read: as many as there are cores, or more where reading is mostly waiting."""
    return None if isinstance(folder, Path) else READERS
