"""k-NN: what frozen features say without any training, a check on the linear probe."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from trainer.encoders.neighbours import neighbour_votes
from trainer.tasks import Fold, Task
from trainer.tasks.contract import Indices
from trainer.transfer.holdout import valid_clips
from trainer.transfer.logistic import one_hot
from trainer.transfer.scores import FoldOutputs, score


def knn_fold(
    features: Tensor, task: Task, fold: Fold, *, neighbours: int, splits: Sequence[Fold] = ()
) -> FoldOutputs:
    """Classify the test clips of a fold by the training clips most like them: each class's share of votes.

    How they vote says `trainer.encoders.neighbours.neighbour_votes`. Validation clips take no part.

    Args:
        features: float32 [N, D], of all clips of the task.
        task: gives the targets.
        fold: which clips are known and which are asked about.
        neighbours: how many vote, at most; fewer where there are fewer clips.
        splits: the fold with validation clips, whose score is the mean over them.
    """
    outputs = _votes(features, task, fold.train, fold.test, neighbours)
    valid_scores = [
        score(_votes(features, task, split.train, valid, neighbours), task.targets[valid])
        for split in splits
        for valid in [valid_clips(split)]
    ]
    return FoldOutputs(outputs, float(np.mean(valid_scores)) if valid_scores else math.nan)


def _votes(
    features: Tensor, task: Task, known: Indices, asked: Indices, neighbours: int
) -> NDArray[np.float32]:
    """Return each class's share of votes [n, C] for clips by those that are known."""
    votes = one_hot(task.targets[known], len(task.classes)).float()
    return neighbour_votes(features[known], votes, features[asked], neighbours=neighbours).numpy()
