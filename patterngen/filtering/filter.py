"""Choosing pictures by what their manifest says: keep-lists, and folders repacked from them."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tyro
from numpy.typing import NDArray

from patterngen.common.spec_text import bare
from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.scan import Overview, kept_rows, overview
from patterngen.dataset.selection import check_bounds, refuse_nothing, within
from patterngen.dataset.shard import MANIFEST
from patterngen.errors import PatternGenError, unknown_name
from patterngen.escape import visible
from patterngen.filtering.balance import equal_counts, equal_histograms, match_histogram, sample
from patterngen.filtering.histogram import read_histogram
from patterngen.filtering.where import parse_where
from patterngen.measures import MEASURES
from patterngen.metrics import TV_DEFINITION
from patterngen.storage.files import atomic_file, output_file
from patterngen.storage.places import Place

FEW = 0.2
"""Keeping less than this share deserves a warning: bounds are easily mistyped."""


@dataclass(frozen=True, kw_only=True)
class FilterConfig:
    """Which pictures of a dataset to keep. All bounds are inclusive, and all rules must hold.

    Examples:
        >>> from patterngen import FilterConfig
        >>> FilterConfig(dir="clouds", tv_max=0.05, family=("perlin",)).rule
        'tv-max-0.05-perlin'
    """

    dir: tyro.conf.Positional[str]
    """The dataset folder."""
    tv_min: float | None = None
    """Keep pictures of at least this Total Variation."""
    tv_max: float | None = None
    """Keep pictures of at most this Total Variation."""
    quantile: str | None = None
    """Keep pictures between two quantiles of the dataset's Total Variation, LOW:HIGH, e.g. 0.0:0.3."""
    family: tuple[str, ...] = ()
    """Keep pictures of this family. A name without settings means all its settings."""
    class_id: tuple[int, ...] = ()
    """Keep pictures of this class."""
    where: str | None = None
    """Keep pictures of which this holds, e.g. "tv < 0.03 and family != 'perlin'": the manifest's columns."""
    equal: Literal["tv", "family"] | None = None
    """Drop at random, of what the rules keep, until families are equal: in number (family), or in number at
    every Total Variation (tv), so that they differ in something else than smoothness."""
    match: str | None = None
    """Drop at random, of what the rules keep, until Total Variation is spread as in this dataset folder, or
    as in this CSV file of bins: tv_min,tv_max,share."""
    sample: int | None = None
    """Keep at most so many of what is left, at random."""
    seed: int = 0
    """Decides which pictures --equal, --match and --sample keep."""
    out: str | None = None
    """The keep-list to write, a parquet file; by default inside the folder, named after the rules."""
    repack: str | None = None
    """Write the kept pictures into this new folder instead of a keep-list."""
    json: bool = False
    """Print JSON instead of text."""

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
        if self.where is not None:  # which is no file name
            parts.append(f"where-{hashlib.sha256(self.where.encode()).hexdigest()[:8]}")
        parts += [f"equal-{self.equal}"] if self.equal is not None else []
        parts += [f"match-{Path(self.match).name}"] if self.match is not None else []
        parts += [f"sample-{self.sample}"] if self.sample is not None else []
        parts += [f"seed-{self.seed}"] if self.seed and (self.equal or self.match or self.sample) else []
        return re.sub(r"[^\w.=-]+", "-", "-".join(parts)).strip("-")[:100]


@dataclass(frozen=True)
class FilterReport:
    """What was kept, and where it is written."""

    path: Place
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

    def to_json(self) -> dict[str, object]:
        """Return the figures by name."""
        return {"path": str(self.path), "kept": self.kept, "total": self.total, "tv": list(self.tv)}

    def __str__(self) -> str:
        share = 100 * self.kept / self.total
        low, high = self.tv
        kept = f"{self.kept} of {self.total} pictures ({share:.1f} %)"
        return f"{visible(str(self.path))}: {kept}, tv {low:.4f} … {high:.4f}"


def filter_dataset(config: FilterConfig) -> FilterReport:
    """Write a keep-list, or the kept pictures into a new folder.

    A keep-list is a parquet file with one column, ``key``, in the dataset's order. Its schema metadata hold
    the ``job_hash`` of its dataset, the ``rule`` and the ``tv_definition``. Manifests are read shard by
    shard: of the whole dataset, only numbers are held in memory.

    Raises:
        PatternGenError: no dataset, an unknown family or column, a condition that cannot be read, a
            histogram that cannot be matched, or nothing to keep (the range of tv is stated).

    Examples:
        >>> from patterngen import DatasetSpec, RunOptions, render, FilterConfig, filter_dataset, select
        >>> spec = DatasetSpec(family=("perlin",), count=6, size=16)
        >>> report = render(spec, RunOptions(out="clouds"))
        >>> smooth = filter_dataset(FilterConfig(dir="clouds", quantile="0:0.5"))
        >>> smooth.kept, sum(shard.count for shard in select("clouds", keep=str(smooth.path)))
        (3, 3)
    """
    dataset = DatasetFolder.open(config.dir)
    found = _look(config, dataset)
    kept = found.kept
    if config.quantiles:
        low, high = np.quantile(found.tv, config.quantiles)
        kept &= within(found.tv, float(low), float(high))
    refuse_nothing(kept, found.tv, config.dir)
    kept = _thin(config, found, kept)
    path = _repack(config, dataset, kept) if config.repack else _write_list(config, dataset, kept)
    tv = found.tv[kept]
    return FilterReport(path, len(tv), len(kept), (float(tv.min()), float(tv.max())))


def _look(config: FilterConfig, dataset: DatasetFolder) -> Overview:
    """Read every manifest once and apply the rules that look at one picture at a time."""
    condition = None if config.where is None else parse_where(config.where, [*MANIFEST.names, *MEASURES])
    for name in condition.columns if condition else ():
        if name in MEASURES and name not in dataset.measures:
            raise PatternGenError(
                f"--where {config.where!r}: not every picture of {config.dir} was measured for {name}; "
                f"delete its _stats.json files, and `patterngen render … --measures {name}` redraws them"
            )

    def keep(table: pa.Table) -> NDArray[np.bool_]:
        mask = within(table["tv"].to_numpy(), config.tv_min, config.tv_max)
        if config.class_id:
            mask &= np.isin(table["class_id"].to_numpy(), config.class_id)
        if condition is not None:
            mask &= condition.holds(table).to_numpy(zero_copy_only=False)
        return mask

    columns = (*(("class_id",) if config.class_id else ()), *(condition.columns if condition else ()))
    found = overview(dataset, keep, columns)
    if config.family:
        chosen = _matching(found.families, config.family)
        found.kept[:] &= np.array([label in chosen for label in found.families])[found.family]
    return found


def _thin(config: FilterConfig, found: Overview, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep fewer of the kept pictures, as asked, so that they are balanced."""
    rng = np.random.default_rng(config.seed)
    if config.equal == "family":
        kept = equal_counts(kept, found.family, rng)
    elif config.equal == "tv":
        kept = equal_histograms(kept, found.family, found.tv, rng)
    if config.match is not None:
        kept = match_histogram(kept, found.tv, read_histogram(config.match), rng)
    return kept if config.sample is None else sample(kept, config.sample, rng)


def _write_list(config: FilterConfig, dataset: DatasetFolder, kept: NDArray[np.bool_]) -> Place:
    default = dataset.path / f"keep-{config.rule}.parquet"
    path = default if config.out is None else output_file(config.out, ".parquet")
    metadata = {"job_hash": dataset.job_hash, "rule": config.rule, "tv_definition": TV_DEFINITION}
    schema = pa.schema([MANIFEST.field("key")], metadata)
    options = {"compression": "zstd", "write_page_checksum": True}
    with atomic_file(path) as file, pq.ParquetWriter(file, schema, **options) as writer:
        for _, table in kept_rows(dataset, kept, ["key"]):
            writer.write_table(table.cast(schema))
    return path


def _repack(config: FilterConfig, dataset: DatasetFolder, kept: NDArray[np.bool_]) -> Place:
    from patterngen.filtering.repack import (
        repack,  # not at the top: choosing needs none of what writes shards
    )

    assert config.repack is not None
    return repack(dataset, kept, config.repack)


def _matching(present: Collection[str], wanted: tuple[str, ...]) -> set[str]:
    """Return the families of a dataset that are wanted, by name or with their settings."""
    chosen: set[str] = set()
    for name in wanted:
        matching = {label for label in present if name in (label, bare(label))}
        if not matching:
            known = {*present, *(bare(label) for label in present)}
            raise unknown_name("family of this dataset", name, sorted(known), "patterngen stats DIR")
        chosen |= matching
    return chosen
