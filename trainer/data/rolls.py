"""Piano rolls of pictures that lie in shards: drawn again, from the family and the seed that each names.

They take half a millisecond a picture, and no place in the shards.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patterngen import DatasetFolder, DatasetSpec, Family, family
from trainer.errors import TrainerError


def check_drawn(spec: DatasetSpec, size: tuple[int, int]) -> None:
    """Refuse to draw pictures without piano rolls, or of which an input would show a part alone.

    Raises:
        TrainerError: they are of another size than the input.
        PatternGenError: a family has none; those that have are named.
    """
    _check_size("the job draws", spec.shape, size)
    for portion in spec.mixture.portions:
        portion.family.piano_roll([0], size)


def check_stored(dataset: DatasetFolder, size: tuple[int, int]) -> None:
    """Refuse a dataset whose pictures have no piano rolls that can be drawn again here.

    Raises:
        TrainerError: pictures of another size than the input, drawn by no family or by another version of it.
        PatternGenError: a family has none, or is not known here.
    """
    rows = dataset.manifest(["family", "family_version", "width", "height"])
    for row in rows.group_by(rows.column_names).aggregate([]).to_pylist():
        _check_size(f"{dataset.path} holds", (row["height"], row["width"]), size)
        if not row["family_version"]:
            raise TrainerError(f"{dataset.path}: no family drew its pictures: they have no piano roll")
        kind = _family(row["family"])
        if kind.version != row["family_version"]:
            raise TrainerError(
                f"{dataset.path}: {row['family']} is of version {row['family_version']}, "
                f"and this patterngen draws {kind.version}: render the dataset anew"
            )
        kind.piano_roll([0], size)


def stored_roll(row: Mapping[str, Any]) -> NDArray[np.float32]:
    """Return the piano roll of a picture by its JSON member or its row of the manifest, float32 [96, W]."""
    rolls = _family(row["family"]).piano_roll([row["seed"]], (row["height"], row["width"]))
    return np.ascontiguousarray(rolls[0])


@lru_cache(64)
def _family(text: str) -> Family:
    return family(text)


def _check_size(whose: str, found: tuple[int, int], size: tuple[int, int]) -> None:
    if found != size:
        raise TrainerError(
            f"--piano-roll needs whole pictures: {whose} {found[0]}x{found[1]}, and "
            f"--image-size is {size[0]}x{size[1]}: make them equal"
        )
