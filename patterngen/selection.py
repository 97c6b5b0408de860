"""Which pictures of a dataset a reader takes, shard by shard: by bounds of Total Variation and keep-lists."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from patterngen.dataset import DatasetFolder
from patterngen.errors import PatternGenError


@dataclass(frozen=True)
class ShardSelection:
    """The kept pictures of one shard."""

    path: str
    """Of the tar."""
    count: int
    """How many pictures are kept, at least 1."""
    keys: frozenset[str] | None
    """Their keys; None if every picture of the shard is kept."""


def select(
    folder: str, *, tv_min: float | None = None, tv_max: float | None = None, keep: str | None = None
) -> tuple[ShardSelection, ...]:
    """Choose the pictures of a dataset folder, shard by shard.

    Args:
        folder: the dataset folder.
        tv_min: keep pictures of at least this Total Variation.
        tv_max: keep pictures of at most this Total Variation.
        keep: a keep-list that `patterngen filter` made from this dataset: a path, or a file's name in the
            folder.

    Returns:
        Shards of which something is kept, in ascending order.

    Raises:
        PatternGenError: no dataset, inverted bounds, nothing to keep, or a keep-list that is missing,
            damaged or another dataset's.
    """
    check_bounds(tv_min, tv_max)
    dataset = DatasetFolder.open(folder)
    if tv_min is None and tv_max is None and keep is None:
        return tuple(ShardSelection(str(shard.path), shard.count, None) for shard in dataset.shards)
    listed = None if keep is None else _read_keep_list(keep, dataset)
    selections, all_tv, all_masks = [], [], []
    for shard in dataset.shards:
        manifest = shard.manifest(["key", "tv"])
        tv = manifest["tv"].to_numpy()
        mask = within(tv, tv_min, tv_max)
        if listed is not None:
            mask &= pc.is_in(manifest["key"], _between(listed, manifest["key"])).to_numpy()
        count = int(mask.sum())
        if count:
            keys = (
                None
                if count == shard.count
                else frozenset(manifest["key"].filter(pa.array(mask)).to_pylist())
            )
            selections.append(ShardSelection(str(shard.path), count, keys))
        all_tv.append(tv)
        all_masks.append(mask)
    refuse_nothing(np.concatenate(all_masks), np.concatenate(all_tv), folder)
    return tuple(selections)


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
    path = Path(keep) if Path(keep).exists() else dataset.path / keep
    try:
        table = pq.read_table(path)
        keys = table["key"].combine_chunks().cast(pa.string())
    except FileNotFoundError:
        raise PatternGenError(f"keep-list {keep!r}: no such file; `patterngen filter` writes one") from None
    except (KeyError, OSError, pa.ArrowException) as error:
        raise PatternGenError(f"{path} is no keep-list ({' '.join(str(error).split())})") from None
    if (table.schema.metadata or {}).get(b"job_hash") != dataset.job_hash.encode():
        raise PatternGenError(
            f"keep-list {path} is another dataset's: run `patterngen filter {dataset.path}`"
        )
    return keys


def _between(listed: pa.Array, keys: pa.ChunkedArray) -> pa.Array:
    """Return the part of a keep-list that can lie in a shard: both ascend, so it is one stretch."""
    if not len(keys):
        return listed[:0]
    first, last = keys[0].as_py(), keys[-1].as_py()
    start = bisect_left(listed, first, key=_text)
    return listed[start : bisect_right(listed, last, key=_text)]


def _text(scalar: pa.Scalar) -> str:
    return str(scalar.as_py())
