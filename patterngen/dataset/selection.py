"""Which pictures of a dataset a reader takes, shard by shard: by bounds of Total Variation and keep-lists."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from patterngen.dataset.folder import DatasetFolder, Shard, readers
from patterngen.dataset.scan import finite_tv
from patterngen.errors import PatternGenError
from patterngen.storage.ahead import map_ahead
from patterngen.storage.places import Place, place, read_bounded

_MOST_LIST_BYTES = 1 << 32
"""Most bytes of a compressed keep-list; one of a thousand million keys is shorter."""
_MOST_KEY_BYTES = 64
"""Most bytes of a key in a keep-list, on the average."""
_MOST_BYTES_BESIDE = 1 << 12
"""Most bytes of a keep-list's pages, beside its keys."""


@dataclass(frozen=True)
class ShardSelection:
    """The kept pictures of one shard.

    Examples:
        >>> from patterngen import DatasetSpec, RunOptions, render, select
        >>> spec = DatasetSpec(family=("perlin",), count=6, size=16)
        >>> report = render(spec, RunOptions(out="clouds"))
        >>> [(shard.count, shard.keys) for shard in select("clouds")]
        [(6, None)]
    """

    path: str
    """Path of the tar."""
    count: int
    """How many pictures are kept, at least 1."""
    listed: pa.Array | None = field(default=None, hash=False, repr=False)
    """Keys of these, as Arrow holds them: a quarter of a set's memory. None if the whole shard is kept."""

    @property
    def keys(self) -> frozenset[str] | None:
        """Keys of the pictures, a set made anew each time; None if every picture of the shard is kept."""
        return None if self.listed is None else frozenset(self.listed.to_pylist())


def select(
    folder: str,
    *,
    tv_min: float | None = None,
    tv_max: float | None = None,
    keep: str | None = None,
    check_sizes: bool = True,
) -> tuple[ShardSelection, ...]:
    """Choose the pictures of a dataset folder, shard by shard.

    Args:
        folder: the dataset folder.
        tv_min: keep pictures of at least this Total Variation.
        tv_max: keep pictures of at most this Total Variation.
        keep: a keep-list that `patterngen filter` made from this dataset: a path, or a file's name in the
            folder.
        check_sizes: refuse tars that are missing, shorter or longer than they were written.

    Returns:
        Shards of which something is kept, in ascending order.

    Raises:
        PatternGenError: no dataset, inverted bounds, nothing to keep, or a keep-list that is missing,
            damaged or another dataset's.

    Examples:
        >>> from patterngen import DatasetSpec, RunOptions, render, select
        >>> spec = DatasetSpec(family=("perlin",), count=6, size=16)
        >>> report = render(spec, RunOptions(out="clouds"))
        >>> sum(shard.count for shard in select("clouds", tv_max=2.0))
        6
    """
    check_bounds(tv_min, tv_max)
    dataset = DatasetFolder.open(folder, check_sizes=check_sizes)
    if tv_min is None and tv_max is None and keep is None:
        return tuple(ShardSelection(str(shard.path), shard.count) for shard in dataset.shards)
    listed = None if keep is None else _read_keep_list(keep, dataset)

    def choose(shard: Shard) -> tuple[ShardSelection, NDArray[np.float64]]:
        manifest = shard.manifest(["key", "tv"])
        tv = finite_tv(shard, manifest)
        mask = within(tv, tv_min, tv_max)
        if listed is not None:
            mask &= pc.is_in(manifest["key"], _between(listed, manifest["key"])).to_numpy()
        count = int(mask.sum())
        keys = None if count == shard.count else manifest["key"].filter(pa.array(mask)).combine_chunks()
        return ShardSelection(str(shard.path), count, keys), tv

    selections, tvs = zip(*map_ahead(choose, dataset.shards, readers(dataset.path)), strict=True)
    chosen = tuple(selection for selection in selections if selection.count)
    if not chosen:
        tv = np.concatenate(tvs)
        refuse_nothing(np.zeros(len(tv), np.bool_), tv, folder)
    return chosen


def check_bounds(tv_min: float | None, tv_max: float | None) -> None:
    """Raise PatternGenError for bounds that nothing can meet."""
    for name, bound in (("tv-min", tv_min), ("tv-max", tv_max)):
        if bound is not None and not bound >= 0:  # nor may it be NaN
            raise PatternGenError(f"--{name} {bound}: Total Variation is 0 or more")
    if tv_min is not None and tv_max is not None and tv_min > tv_max:
        raise PatternGenError(f"--tv-min {tv_min} is above --tv-max {tv_max}: exchange them")


def within(tv: NDArray[np.float64], low: float | None, high: float | None) -> NDArray[np.bool_]:
    """Tell for each value whether it lies within inclusive bounds, None being no bound."""
    return (tv >= (-np.inf if low is None else low)) & (tv <= (np.inf if high is None else high))


def refuse_nothing(keep: NDArray[np.bool_], tv: NDArray[np.float64], folder: str) -> None:
    """Raise PatternGenError, with the range of tv that there is, if nothing is kept."""
    if not keep.any():
        raise PatternGenError(
            f"nothing of {folder} is kept: its {len(tv)} pictures have tv {tv.min():.4g} … {tv.max():.4g}"
        )


def _read_keep_list(keep: str, dataset: DatasetFolder) -> pa.Array:
    path = place(keep) if "://" in keep or Path(keep).exists() else dataset.path / keep
    try:
        source = pa.BufferReader(read_bounded(path, _MOST_LIST_BYTES))
        with pq.ParquetFile(source, page_checksum_verification=True) as file:
            _check_list(path, file, dataset)
            return file.read(columns=["key"])["key"].combine_chunks().cast(pa.string())
    except FileNotFoundError:
        raise PatternGenError(f"keep-list {keep!r}: no such file; `patterngen filter` writes one") from None
    except (KeyError, OSError, pa.ArrowException) as error:
        raise PatternGenError(f"{path} is no keep-list ({' '.join(str(error).split())})") from None


def _check_list(path: Place, file: pq.ParquetFile, dataset: DatasetFolder) -> None:
    """Refuse a keep-list that is another dataset's, or larger than any of this one, before it is read."""
    rows, size = file.metadata.num_rows, _column_bytes(file.metadata, "key")
    remedy = f"run `patterngen filter {dataset.path}`"
    if (file.schema_arrow.metadata or {}).get(b"job_hash") != dataset.job_hash.encode():
        raise PatternGenError(f"keep-list {path} is another dataset's: {remedy}")
    if rows > dataset.count or size > rows * _MOST_KEY_BYTES + _MOST_BYTES_BESIDE:
        raise PatternGenError(
            f"keep-list {path} lists {rows} of {dataset.count} pictures in {size} bytes: {remedy}"
        )


def _column_bytes(metadata: pq.FileMetaData, name: str) -> int:
    """Return what a column says that it takes in memory.

    Raises:
        KeyError: there is no such column.
    """
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    numbers = [i for i in range(metadata.num_columns) if metadata.schema.column(i).path == name]
    if not numbers:
        raise KeyError(name)
    return sum(group.column(numbers[0]).total_uncompressed_size for group in groups)


def _between(listed: pa.Array, keys: pa.ChunkedArray) -> pa.Array:
    """Return the part of a keep-list that can lie in a shard: both ascend, so it is one stretch."""
    if not len(keys):
        return listed[:0]
    first, last = keys[0].as_py(), keys[-1].as_py()
    start = bisect_left(listed, first, key=_text)
    return listed[start : bisect_right(listed, last, key=_text)]


def _text(scalar: pa.Scalar) -> str:
    return str(scalar.as_py())
