"""A dataset as a notebook shows it: how many pictures of each family, and how smooth they are."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patterngen.dataset.tv_bins import tv_edges, tv_histogram
from patterngen.notebook import heading, histogram, table

_BINS = 48


def dataset_html(title: str, facts: Sequence[str], rows: pa.Table) -> str:
    """Write a table of the families, the most frequent first, and the histogram of Total Variation of all.

    Args:
        title: what the dataset is called.
        facts: what else is known of it.
        rows: ``family`` and ``tv`` of its pictures, or of a part of them.
    """
    lines = []
    for one in rows["family"].combine_chunks().value_counts().to_pylist():
        tv = _finite(rows["tv"].filter(pc.equal(rows["family"], one["values"])))
        middles = [f"{value:.4f}" for value in np.quantile(tv, (0.05, 0.5, 0.95))] if len(tv) else ["–"] * 3
        lines.append((one["values"], one["counts"], *middles))
    lines.sort(key=lambda line: -line[1])
    parts = [heading(title, *facts), table(("family", "pictures", "tv 5 %", "median", "95 %"), lines)]
    if len(tv := _finite(rows["tv"])):
        edges = tv_edges(tv, _BINS)
        parts.append(
            histogram(tv_histogram(tv, edges), "Total Variation", f"{edges[0]:.2g}", f"{edges[-1]:.2g}")
        )
    return "".join(parts)


def _finite(column: pa.ChunkedArray) -> NDArray[np.float64]:
    values: NDArray[np.float64] = column.to_numpy()
    return values[np.isfinite(values)]
