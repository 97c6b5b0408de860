"""What a dataset folder holds, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.shard import QUANTILES
from patterngen.errors import PatternGenError
from patterngen.metrics import TV_DEFINITION


@dataclass(frozen=True)
class FamilyStats:
    """One family's part of a dataset."""

    family: str
    count: int
    classes: int
    """How many different class ids occur."""
    bytes: int
    """Bytes of the encoded pictures, without the tar around them."""
    tv: NDArray[np.float64]
    """Total Variation of each picture, float64 [count]."""
    measured: Mapping[str, NDArray[np.float64]]
    """Measures that every picture of the dataset was drawn with, by name, float64 [count] each."""

    @property
    def tv_quantiles(self) -> dict[str, float]:
        """Total Variation at `QUANTILES`, by quantile."""
        return _quantiles(self.tv)

    @property
    def measure_quantiles(self) -> dict[str, dict[str, float]]:
        """Every measure beside Total Variation at `QUANTILES`, by its name and quantile."""
        return {name: _quantiles(values) for name, values in self.measured.items()}

    def to_json(self) -> dict[str, object]:
        """Return the numbers, quantiles in place of single values."""
        return {
            "family": self.family,
            "count": self.count,
            "classes": self.classes,
            "bytes": self.bytes,
            "tv_quantiles": self.tv_quantiles,
            "measure_quantiles": self.measure_quantiles,
        }


def _quantiles(values: NDArray[np.float64]) -> dict[str, float]:
    found = np.quantile(values, QUANTILES)
    return {f"{q:g}": float(value) for q, value in zip(QUANTILES, found, strict=True)}


@dataclass(frozen=True)
class DatasetStats:
    """What `dataset_stats` found."""

    path: str
    job_hash: str
    format_version: int
    """Version of the folder's format."""
    shards: int
    bytes: int
    """Bytes of the tars."""
    families: tuple[FamilyStats, ...]
    """Statistics of each family, in the alphabet's order."""
    total: FamilyStats
    """All families together."""

    def to_json(self) -> dict[str, object]:
        """Return everything but the single values of Total Variation."""
        return {
            "path": self.path,
            "job_hash": self.job_hash,
            "format_version": self.format_version,
            "shards": self.shards,
            "bytes": self.bytes,
            "tv_definition": TV_DEFINITION,
            "total": self.total,
            "families": self.families,
        }


def dataset_stats(folder: str) -> DatasetStats:
    """Count a dataset's pictures and bytes and measure its spread of Total Variation.

    Raises:
        PatternGenError: no dataset there, or one that is damaged.
    """
    dataset = DatasetFolder.open(folder)
    numbers = ("class_id", "size", "tv", *dataset.measures)
    manifest = dataset.manifest(["family", *numbers])
    rows = {name: manifest[name].to_numpy() for name in numbers}

    def part(label: str, mask: NDArray[np.bool_]) -> FamilyStats:
        return FamilyStats(
            family=label,
            count=int(mask.sum()),
            classes=len(np.unique(rows["class_id"][mask])),
            bytes=int(rows["size"][mask].sum()),
            tv=rows["tv"][mask],
            measured={name: rows[name][mask] for name in dataset.measures},
        )

    labels = sorted(manifest["family"].unique().to_pylist())
    if not labels:
        raise PatternGenError(f"{folder} holds no picture")
    return DatasetStats(
        path=str(dataset.path),
        job_hash=dataset.job_hash,
        format_version=dataset.format_version,
        shards=len(dataset.shards),
        bytes=dataset.bytes,
        families=tuple(part(label, pc.equal(manifest["family"], label).to_numpy()) for label in labels),
        total=part("all", np.ones(dataset.count, np.bool_)),
    )
