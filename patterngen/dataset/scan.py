"""Every manifest of a dataset, read once and ahead in threads; what stays of a picture are numbers."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from patterngen.dataset.folder import DatasetFolder, Shard, readers
from patterngen.dataset.marker import REPAIR
from patterngen.errors import PatternGenError
from patterngen.storage.ahead import map_ahead

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Overview:
    """What is held of a dataset's pictures while some are chosen: 13 bytes each.

    Attributes:
        kept: whether a rule keeps it, bool [N].
        tv: Total Variation, float64 [N].
        family: the number of its family in `families`, int32 [N].
        families: every family there is, with its settings, in the order of their first pictures.
    """

    kept: Mask
    tv: NDArray[np.float64]
    family: NDArray[np.int32]
    families: tuple[str, ...]


def overview(
    dataset: DatasetFolder, keep: Callable[[pa.Table], Mask], columns: Collection[str] = ()
) -> Overview:
    """Read every manifest once.

    Args:
        dataset: the folder.
        keep: told one shard's manifest (``tv``, ``family`` and the columns), says which rows it keeps.
        columns: what else it looks at.

    Raises:
        PatternGenError: a manifest is missing or damaged, or a Total Variation is not a number.
    """

    def look(shard: Shard) -> tuple[Mask, NDArray[np.float64], pa.DictionaryArray]:
        table = shard.manifest(sorted({"tv", "family", *columns}))
        return keep(table), finite_tv(shard, table), table["family"].combine_chunks().dictionary_encode()

    numbers: dict[str, int] = {}
    kept, tvs, families = [], [], []
    for mask, tv, family in map_ahead(look, dataset.shards, readers(dataset.path)):
        codes = [numbers.setdefault(label, len(numbers)) for label in family.dictionary.to_pylist()]
        kept.append(mask)
        tvs.append(tv)
        families.append(np.array(codes, np.int32)[family.indices.to_numpy()])
    return Overview(np.concatenate(kept), np.concatenate(tvs), np.concatenate(families), tuple(numbers))


def kept_rows(
    dataset: DatasetFolder, kept: Mask, columns: Sequence[str] | None = None
) -> Iterator[tuple[Shard, pa.Table]]:
    """Read the kept rows of the manifests, with their shards; those of which nothing is kept are passed over.

    Args:
        dataset: the folder.
        kept: which of its pictures, bool [N].
        columns: what to read of them; everything unless given.
    """
    ends = np.cumsum([shard.count for shard in dataset.shards])
    parts = zip(dataset.shards, np.split(kept, ends[:-1]), strict=True)

    def read(part: tuple[Shard, Mask]) -> tuple[Shard, pa.Table]:
        shard, mask = part
        return shard, shard.manifest(columns).filter(pa.array(mask))

    return map_ahead(read, (part for part in parts if part[1].any()), readers(dataset.path))


def finite_tv(shard: Shard, table: pa.Table) -> NDArray[np.float64]:
    """Return a manifest's column of Total Variations, float64 [N].

    Raises:
        PatternGenError: one is not a number, which no rule could sort.
    """
    tv: NDArray[np.float64] = table["tv"].to_numpy()
    if not np.isfinite(tv).all():
        row = int(np.flatnonzero(~np.isfinite(tv))[0])
        raise PatternGenError(f"{shard.manifest_path}: row {row} has tv {tv[row]}, no number; {REPAIR}")
    return tv
