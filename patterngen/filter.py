"""Choosing pictures by their Total Variation and family: keep-lists, and folders repacked from them."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import tyro
from numpy.typing import NDArray

from patterngen.dataset import DatasetFolder
from patterngen.errors import PatternGenError, unknown_name
from patterngen.files import atomic_file, output_file
from patterngen.metrics import TV_DEFINITION

FEW = 0.2
"""Keeping less than this share deserves a warning: bounds are easily mistyped."""


@dataclass(frozen=True, kw_only=True)
class FilterConfig:
    """Which pictures of a dataset to keep. All bounds are inclusive, and all must hold."""

    dir: tyro.conf.Positional[str]
    """The dataset folder."""
    tv_min: float | None = None
    """Keep pictures of at least this Total Variation."""
    tv_max: float | None = None
    """Keep pictures of at most this Total Variation."""
    quantile: str | None = None
    """Keep pictures between two quantiles of the dataset's Total Variation, LOW:HIGH, e.g. 0.0:0.3."""
    family: tuple[str, ...] = ()
    """Keep pictures of this family; again for more. A name without settings means all its settings."""
    out: str | None = None
    """The keep-list to write, a parquet file; by default inside the folder, named after the bounds."""
    repack: str | None = None
    """Write the kept pictures into this new folder instead of a keep-list."""

    def __post_init__(self) -> None:
        if self.tv_min is None and self.tv_max is None and self.quantile is None and not self.family:
            raise PatternGenError("filter needs a rule: --tv-min, --tv-max, --quantile or --family")
        if self.out is not None and self.repack is not None:
            raise PatternGenError("--out names a keep-list and --repack a folder: give one of them")
        check_bounds(self.tv_min, self.tv_max)
        _ = self.quantiles  # which checks itself

    @property
    def quantiles(self) -> tuple[float, float] | None:
        """`quantile` as two numbers.

        Raises:
            PatternGenError: not LOW:HIGH with 0 ≤ LOW ≤ HIGH ≤ 1.
        """
        if self.quantile is None:
            return None
        try:
            low, high = (float(part) for part in self.quantile.split(":"))
        except ValueError:
            raise PatternGenError(f"quantile {self.quantile!r}: give LOW:HIGH, e.g. 0.0:0.3") from None
        if not 0 <= low <= high <= 1:
            raise PatternGenError(f"quantile {self.quantile!r}: give LOW:HIGH with 0 ≤ LOW ≤ HIGH ≤ 1")
        return low, high

    @property
    def rule(self) -> str:
        """The bounds in one word, for file names: ``tv-max-0.05``."""
        parts = [f"tv-min-{self.tv_min:g}"] if self.tv_min is not None else []
        parts += [f"tv-max-{self.tv_max:g}"] if self.tv_max is not None else []
        if self.quantiles:
            parts.append("quantile-{:g}-{:g}".format(*self.quantiles))
        parts += self.family
        return re.sub(r"[^\w.=-]+", "-", "-".join(parts))


@dataclass(frozen=True)
class FilterReport:
    """What was kept, and where it is written."""

    path: Path
    kept: int
    total: int
    tv: tuple[float, float]
    """Least and largest Total Variation of the kept pictures."""

    @property
    def warning(self) -> str | None:
        """A line for the user who keeps very little."""
        if self.kept >= FEW * self.total:
            return None
        return f"only {100 * self.kept / self.total:.1f} % of the pictures are kept"

    def __str__(self) -> str:
        share = 100 * self.kept / self.total
        low, high = self.tv
        return f"{self.path}: {self.kept} of {self.total} pictures ({share:.1f} %), tv {low:.4f} … {high:.4f}"


@dataclass(frozen=True)
class ShardSelection:
    """The kept pictures of one shard."""

    path: str
    """Of the tar."""
    count: int
    """How many pictures are kept, at least 1."""
    keys: frozenset[str] | None
    """Their keys; None if every picture of the shard is kept."""


def filter_dataset(config: FilterConfig) -> FilterReport:
    """Write a keep-list, or the kept pictures into a new folder.

    A keep-list is a parquet file with one column, ``key``, in the dataset's order. Its schema metadata hold
    the ``job_hash`` of its dataset, the ``rule`` and the ``tv_definition``.

    Raises:
        PatternGenError: no dataset, an unknown family, or nothing to keep (the range of tv is stated).
    """
    dataset = DatasetFolder.open(config.dir)
    manifest = dataset.manifest(None if config.repack is not None else ["key", "family", "tv"])
    tv = manifest["tv"].to_numpy()
    keep = within(tv, config.tv_min, config.tv_max) & _of_families(manifest["family"], config.family)
    if config.quantiles:
        low, high = np.quantile(tv, config.quantiles)
        keep &= within(tv, float(low), float(high))
    _refuse_nothing(keep, tv, config.dir)
    kept = manifest.filter(pa.array(keep))
    if config.repack is not None:
        from patterngen.repack import repack  # not at the top: choosing needs none of what writes shards

        path = repack(dataset, kept, config.repack, _repacked_hash(dataset.job_hash, kept["key"]))
    else:
        default = str(dataset.path / f"keep-{config.rule}.parquet")
        path = output_file(config.out or default, ".parquet")
        metadata = {"job_hash": dataset.job_hash, "rule": config.rule, "tv_definition": TV_DEFINITION}
        with atomic_file(path) as file:
            pq.write_table(kept.select(["key"]).replace_schema_metadata(metadata), file, compression="zstd")
    return FilterReport(path, len(kept), len(tv), (float(tv[keep].min()), float(tv[keep].max())))


def select(
    folder: str, *, tv_min: float | None = None, tv_max: float | None = None, keep: str | None = None
) -> tuple[ShardSelection, ...]:
    """Choose the pictures of a dataset folder, shard by shard.

    Args:
        folder: the dataset folder.
        tv_min: keep pictures of at least this Total Variation.
        tv_max: keep pictures of at most this Total Variation.
        keep: a keep-list made by `filter_dataset` from this dataset: a path, or a file's name in the folder.

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
            mask &= pc.is_in(manifest["key"], listed).to_numpy()
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
    _refuse_nothing(np.concatenate(all_masks), np.concatenate(all_tv), folder)
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


def _of_families(labels: pa.ChunkedArray, wanted: tuple[str, ...]) -> NDArray[np.bool_]:
    """Tell for each picture whether a wanted family drew it."""
    if not wanted:
        return np.ones(len(labels), np.bool_)
    present = labels.unique().to_pylist()
    chosen: set[str] = set()
    for name in wanted:
        matching = {label for label in present if name in (label, label.partition("?")[0])}
        if not matching:
            known = {*present, *(label.partition("?")[0] for label in present)}
            raise unknown_name("family of this dataset", name, sorted(known), "patterngen stats DIR")
        chosen |= matching
    return np.asarray(pc.is_in(labels, pa.array(sorted(chosen))).to_numpy())


def _refuse_nothing(keep: NDArray[np.bool_], tv: NDArray[np.float64], folder: str) -> None:
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


def _repacked_hash(job_hash: str, keys: pa.ChunkedArray) -> str:
    """Name the repacked dataset: equal for equal pictures of an equal dataset, whatever rule chose them."""
    digest = hashlib.sha256(job_hash.encode())
    for key in keys.to_pylist():
        digest.update(key.encode())
    return digest.hexdigest()
