"""Grids: every combination of some settings' values, each with a name that is fit for a folder."""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from trainer.errors import TrainerError

MOST = 1000
"""Nobody means a larger grid."""
_UNFIT = re.compile(r"[^\w.+-]+")
"""What has no place in the name of a folder."""


def combinations(over: Mapping[str, Sequence[Any]], where: str) -> list[dict[str, Any]]:
    """Return every combination of the settings' values; of no setting the one that varies nothing.

    Args:
        over: the values of each setting.
        where: they come from, for messages.

    Raises:
        TrainerError: a setting without a value or with one twice, or more combinations than anyone means.
    """
    for name, values in over.items():
        if not values:
            raise TrainerError(f"{where}: {name} has no value")
        if any(value in values[:place] for place, value in enumerate(values)):
            raise TrainerError(f"{where}: {name} names a value twice")
    count = math.prod(map(len, over.values()))
    if count > MOST:
        raise TrainerError(f"{where} asks for {count} runs: give from 1 to {MOST}")
    return [dict(zip(over, values, strict=True)) for values in itertools.product(*over.values())]


def name_of(values: Mapping[str, Any]) -> str:
    """Name a combination after what it varies: ``mask_ratio=0.5,patch_size=8``."""
    return ",".join(f"{name}={_word(value)}" for name, value in values.items())


def fit_for_a_folder(name: str) -> str:
    """Return a name without what has no place in a folder's; ``=`` and ``,`` stay."""
    return re.sub(r"[^\w.+,= -]+", "-", name).strip(". ")


def _word(value: Any) -> str:
    text = "+".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return _UNFIT.sub("-", text)
