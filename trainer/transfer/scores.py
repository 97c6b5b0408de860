"""Scores of an evaluation: accuracy or mean average precision."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class FoldOutputs(NamedTuple):
    """What a trained model says of the clips that test it.

    Attributes:
        outputs: float32 [n, C], larger for likelier classes, in the order of the fold's test clips.
        valid_score: score of the validation clips, in [0, 1]; NaN where nothing was validated.
        chosen: what the validation clips chose, in words; empty where they chose nothing.
    """

    outputs: NDArray[np.float32]
    valid_score: float = math.nan
    chosen: str = ""


def score(outputs: NDArray[np.floating], targets: NDArray[np.int64]) -> float:
    """Return the accuracy, or for targets 0/1 [N, C] the macro mean average precision, in [0, 1].

    Args:
        outputs: [N, C], larger for likelier classes.
        targets: class ids [N], or 0/1 [N, C]; classes without a positive clip are left out of the mean.
    """
    if targets.ndim == 1:
        return float((outputs.argmax(axis=1) == targets).mean())
    from sklearn.metrics import average_precision_score  # not at the top: tables of results do without

    present = targets.any(axis=0)
    return float(average_precision_score(targets[:, present], outputs[:, present], average="macro"))
