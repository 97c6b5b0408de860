"""Histograms of Total Variation to be like: of a dataset's pictures, or written down in a table."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from patterngen.common.spelling import column_names
from patterngen.dataset.folder import DatasetFolder, Shard, readers
from patterngen.dataset.scan import finite_tv
from patterngen.errors import PatternGenError
from patterngen.home import expanded
from patterngen.storage.ahead import map_ahead
from patterngen.storage.texts import read_text

BINS = 32
"""Bins of a histogram, each with as many pictures of what it was made from."""

_COLUMNS = ("tv_min", "tv_max", "share")
_MAX_BYTES = 1 << 20


@dataclass(frozen=True)
class Histogram:
    """How Total Variation is spread.

    Attributes:
        edges: edges of the bins, float64 [B + 1], ascending; the last bin includes its upper edge.
        shares: share of the pictures in each bin, float64 [B]; their sum is 1.
    """

    edges: NDArray[np.float64]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> "Histogram":
        """Count values in `BINS` bins with as many in each, fewer where many values are equal.

        Args:
            values: float64 [N], N ≥ 1, all finite.
        """
        edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)))
        edges = edges if len(edges) > 1 else np.repeat(edges, 2)
        inner = np.digitize(values, edges[1:-1])
        return cls(edges, np.bincount(inner, minlength=len(edges) - 1) / len(values))


def read_histogram(source: str) -> Histogram:
    """Read the histogram of a dataset folder, or one from a CSV file.

    The file has the columns ``tv_min,tv_max,share``, one row per bin: each begins where the last one ended,
    and shares are weights.

    Raises:
        PatternGenError: no dataset there, or a file that is no such table.
    """
    if Path(source).suffix.lower() == ".csv":
        return _read_table(expanded(source))

    def tv(shard: Shard) -> NDArray[np.float64]:
        return finite_tv(shard, shard.manifest(["tv"]))

    dataset = DatasetFolder.open(source)
    return Histogram.of(np.concatenate(list(map_ahead(tv, dataset.shards, readers(dataset.path)))))


def _read_table(path: Path) -> Histogram:
    try:
        text = read_text(path, _MAX_BYTES)
        reader = csv.DictReader(io.StringIO(text))
        reader.fieldnames = column_names(reader.fieldnames or [], f"--match {path}")
        rows = [[float(row[name]) for name in _COLUMNS] for row in reader]
    except FileNotFoundError:
        raise PatternGenError(f"--match {path}: no such file") from None
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise PatternGenError(
            f"--match {path}: not a table with the columns {','.join(_COLUMNS)} ({error!r})"
        ) from None
    low, high, share = np.array(rows).reshape(-1, 3).T
    sound = len(rows) > 0 and np.isfinite(rows).all() and (low < high).all() and (share >= 0).all()
    if not sound or (low[1:] != high[:-1]).any() or share.sum() == 0:
        raise PatternGenError(
            f"--match {path}: give bins with tv_min < tv_max, each from where the last one ended, and shares "
            "of 0 or more that are not all 0"
        )
    return Histogram(np.append(low, high[-1]), share / share.sum())
