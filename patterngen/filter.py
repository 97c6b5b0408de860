"""Choosing pictures by what their manifest says: keep-lists, and folders repacked from them."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tyro
from numpy.typing import NDArray

from patterngen.balance import equal_counts, equal_histograms, match_histogram, sample
from patterngen.dataset import DatasetFolder
from patterngen.errors import PatternGenError, unknown_name
from patterngen.files import atomic_file, output_file
from patterngen.labels import bare
from patterngen.metrics import TV_DEFINITION
from patterngen.selection import check_bounds, refuse_nothing, within
from patterngen.shard import MANIFEST
from patterngen.where import parse_where

FEW = 0.2
"""Keeping less than this share deserves a warning: bounds are easily mistyped."""


@dataclass(frozen=True, kw_only=True)
class FilterConfig:
    """Which pictures of a dataset to keep. All bounds are inclusive, and all rules must hold."""

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
    class_id: tuple[int, ...] = ()
    """Keep pictures of this class; again for more."""
    where: str | None = None
    """Keep pictures of which this holds, e.g. "tv < 0.03 and family != 'perlin'": the manifest's columns."""
    equal: Literal["tv", "family"] | None = None
    """Of what the rules keep, drop at random until families are equal: in number (family), or in number at
    every Total Variation (tv), so that they differ in something else than smoothness."""
    match: str | None = None
    """Of what the rules keep, drop at random until Total Variation is spread as in this dataset folder."""
    sample: int | None = None
    """Of what is left, keep at most so many, at random."""
    seed: int = 0
    """Decides which pictures --equal, --match and --sample keep."""
    out: str | None = None
    """The keep-list to write, a parquet file; by default inside the folder, named after the rules."""
    repack: str | None = None
    """Write the kept pictures into this new folder instead of a keep-list."""

    def __post_init__(self) -> None:
        if not self.rule:
            raise PatternGenError(
                "filter needs a rule: --tv-min, --tv-max, --quantile, --family, --class-id, --where, "
                "--equal, --match or --sample"
            )
        if self.sample is not None and self.sample < 1:
            raise PatternGenError(f"--sample {self.sample}: keep at least 1 picture")
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
        """The rules in one word, for file names: ``tv-max-0.05``."""
        parts = [f"tv-min-{self.tv_min:g}"] if self.tv_min is not None else []
        parts += [f"tv-max-{self.tv_max:g}"] if self.tv_max is not None else []
        if self.quantiles:
            parts.append("quantile-{:g}-{:g}".format(*self.quantiles))
        parts += self.family
        parts += [f"class-{number}" for number in self.class_id]
        parts += [f"where-{_short_hash(self.where)}"] if self.where is not None else []
        parts += [f"equal-{self.equal}"] if self.equal is not None else []
        parts += [f"match-{Path(self.match).name}"] if self.match is not None else []
        parts += [f"sample-{self.sample}"] if self.sample is not None else []
        parts += [f"seed-{self.seed}"] if self.seed and (self.equal or self.match or self.sample) else []
        return re.sub(r"[^\w.=-]+", "-", "-".join(parts)).strip("-")[:100]


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


def filter_dataset(config: FilterConfig) -> FilterReport:
    """Write a keep-list, or the kept pictures into a new folder.

    A keep-list is a parquet file with one column, ``key``, in the dataset's order. Its schema metadata hold
    the ``job_hash`` of its dataset, the ``rule`` and the ``tv_definition``. Manifests are read shard by
    shard: of the whole dataset, only numbers are held in memory.

    Raises:
        PatternGenError: no dataset, an unknown family or column, a condition that cannot be read, a
            histogram that cannot be matched, or nothing to keep (the range of tv is stated).
    """
    dataset = DatasetFolder.open(config.dir)
    mask, tv, family = _look(config, dataset)
    if config.quantiles:
        low, high = np.quantile(tv, config.quantiles)
        mask &= within(tv, float(low), float(high))
    refuse_nothing(mask, tv, config.dir)
    mask = _thin(config, mask, tv, family)
    kept = int(mask.sum())
    if config.repack is not None:
        from patterngen.repack import repack  # not at the top: choosing needs none of what writes shards

        rows = pa.concat_tables(_kept(dataset, mask, None))
        path = repack(dataset, rows, config.repack, _repacked_hash(dataset.job_hash, rows["key"]))
    else:
        default = str(dataset.path / f"keep-{config.rule}.parquet")
        path = output_file(config.out or default, ".parquet")
        metadata = {"job_hash": dataset.job_hash, "rule": config.rule, "tv_definition": TV_DEFINITION}
        schema = pa.schema([MANIFEST.field("key")], metadata)
        with atomic_file(path) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for table in _kept(dataset, mask, ["key"]):
                writer.write_table(table.cast(schema))
    return FilterReport(path, kept, len(tv), (float(tv[mask].min()), float(tv[mask].max())))


def _look(
    config: FilterConfig, dataset: DatasetFolder
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.int64]]:
    """Read every manifest once: which pictures the rules keep, their tv, and the number of their family."""
    condition = None if config.where is None else parse_where(config.where, MANIFEST.names)
    columns = {"tv", "family", "class_id", *(condition.columns if condition else ())}
    masks, tvs, families = [], [], []
    labels: dict[str, int] = {}
    for shard in dataset.shards:
        table = shard.manifest(sorted(columns))
        tv = table["tv"].to_numpy()
        mask = within(tv, config.tv_min, config.tv_max)
        if config.class_id:
            mask &= np.isin(table["class_id"].to_numpy(), config.class_id)
        if condition is not None:
            mask &= condition.holds(table).to_numpy(zero_copy_only=False)
        family = table["family"].combine_chunks().dictionary_encode()
        numbers = [labels.setdefault(label, len(labels)) for label in family.dictionary.to_pylist()]
        masks.append(mask)
        tvs.append(tv)
        families.append(np.array(numbers, np.int64)[family.indices.to_numpy()])
    group = np.concatenate(families)
    chosen = [labels[label] for label in _matching(list(labels), config.family)]
    return np.concatenate(masks) & np.isin(group, chosen), np.concatenate(tvs), group


def _thin(
    config: FilterConfig, mask: NDArray[np.bool_], tv: NDArray[np.float64], family: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Keep fewer of the kept pictures, as asked, so that they are balanced."""
    rng = np.random.default_rng(config.seed)
    if config.equal == "family":
        mask = equal_counts(mask, family, rng)
    elif config.equal == "tv":
        mask = equal_histograms(mask, family, tv, rng)
    if config.match is not None:
        target = DatasetFolder.open(config.match).manifest(["tv"])["tv"].to_numpy()
        mask = match_histogram(mask, tv, target, rng)
    return mask if config.sample is None else sample(mask, config.sample, rng)


def _kept(dataset: DatasetFolder, mask: NDArray[np.bool_], columns: list[str] | None) -> Iterator[pa.Table]:
    """Read the kept rows of the manifests, shard by shard."""
    start = 0
    for shard in dataset.shards:
        chosen = mask[start : start + shard.count]
        start += shard.count
        if chosen.any():
            yield shard.manifest(columns).filter(pa.array(chosen))


def _matching(present: list[str], wanted: tuple[str, ...]) -> set[str]:
    """Return the families of a dataset that are wanted, by name or with their settings; none means all."""
    chosen: set[str] = set() if wanted else set(present)
    for name in wanted:
        matching = {label for label in present if name in (label, bare(label))}
        if not matching:
            known = {*present, *(bare(label) for label in present)}
            raise unknown_name("family of this dataset", name, sorted(known), "patterngen stats DIR")
        chosen |= matching
    return chosen


def _short_hash(text: str) -> str:
    """Name a text that is no file name."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _repacked_hash(job_hash: str, keys: pa.ChunkedArray) -> str:
    """Name the repacked dataset: equal for equal pictures of an equal dataset, whatever rule chose them."""
    digest = hashlib.sha256(job_hash.encode())
    for key in keys.to_pylist():
        digest.update(key.encode())
    return digest.hexdigest()
