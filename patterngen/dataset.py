"""A dataset folder as its readers see it: whole shards, their manifest, and what they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from patterngen.errors import PatternGenError
from patterngen.files import local_folder
from patterngen.shard import HEAL, MANIFEST, REDRAW, ShardStats, read_stats

QUARANTINE_FILE = "quarantine.jsonl"
"""The shader programs that the pictures were drawn without: what a dataset follows from, besides its job."""


@dataclass(frozen=True)
class Shard:
    """One whole shard: its tar, its manifest, its marker."""

    path: Path
    """Of the tar."""
    stats: ShardStats

    @property
    def name(self) -> str:
        """``train-000042``."""
        return self.path.stem

    @property
    def count(self) -> int:
        """How many pictures it holds."""
        return self.stats.count

    @property
    def manifest_path(self) -> Path:
        """Of the parquet file."""
        return self.path.with_suffix(".parquet")

    @property
    def is_whole(self) -> bool:
        """Whether its files are there and the tar has its size; `verify` looks closer."""
        try:
            self.check_size()
        except PatternGenError:
            return False
        return self.manifest_path.exists()

    def check_size(self) -> None:
        """Compare the tar's size with the one that was written.

        Raises:
            PatternGenError: the tar is missing, or shorter or longer than that.
        """
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            raise PatternGenError(f"{self.path} is missing; {REDRAW}") from None
        if size != self.stats.bytes:
            state = "truncated" if size < self.stats.bytes else "too long"
            raise PatternGenError(f"{self.path} is {state}: {size} of {self.stats.bytes} bytes; {REDRAW}")

    def manifest(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Read the manifest, one row per picture in the order of the tar.

        Raises:
            PatternGenError: the file is missing or damaged, or has another number of rows than pictures, or
                lacks a column or values of it.
        """
        names = MANIFEST.names if columns is None else list(columns)
        try:
            with pq.ParquetFile(self.manifest_path) as file:
                rows = file.metadata.num_rows
                if rows != self.count:
                    raise PatternGenError(
                        f"{self.manifest_path} has {rows} rows for {self.count} pictures; {HEAL}"
                    )
                table = file.read(columns=names)
                return table.select(names).cast(pa.schema([MANIFEST.field(name) for name in names]))
        except FileNotFoundError:
            raise PatternGenError(f"{self.manifest_path} is missing; {REDRAW}") from None
        except (pa.ArrowException, KeyError, OSError, ValueError) as error:
            raise PatternGenError(f"{self.manifest_path} is damaged ({error}); {HEAL}") from None


@dataclass(frozen=True)
class DatasetFolder:
    """A folder of shards, as many as are whole."""

    path: Path
    shards: tuple[Shard, ...]

    @classmethod
    def open(cls, url: str, *, check_sizes: bool = True) -> "DatasetFolder":
        """Open a dataset folder.

        Args:
            url: a path or a ``file://`` URL.
            check_sizes: refuse tars that are shorter or longer than they were written.

        Raises:
            PatternGenError: no such folder, no whole shard in it, shards of several datasets, or a tar of
                another size.
        """
        path = local_folder(url)
        if not path.is_dir():
            raise PatternGenError(f"dataset {url!r}: no such folder")
        shards = find_shards(path)
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
        return pa.concat_tables([shard.manifest(columns) for shard in self.shards])


def find_shards(folder: Path) -> tuple[Shard, ...]:
    """List the whole shards of a folder in ascending order; foreign files are not looked at."""
    found = []
    for marker in sorted(folder.glob("train-*_stats.json")):
        name = marker.name.removesuffix("_stats.json")
        stats = read_stats(folder, name)
        if stats is not None:
            found.append(Shard(folder / f"{name}.tar", stats))
    return tuple(found)
