"""k-NN: what frozen features say without any training, a check on the linear probe."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from trainer.tasks import Fold, Task
from trainer.tasks.contract import Indices
from trainer.transfer.holdout import valid_clips
from trainer.transfer.logistic import one_hot
from trainer.transfer.scores import FoldOutputs, score

_TEMPERATURE = 0.07
_NUMBERS = 1 << 26  # that lie in memory at a time: of test clips, what each has of its neighbours


def knn_fold(
    features: Tensor, task: Task, fold: Fold, *, neighbours: int, splits: Sequence[Fold] = ()
) -> FoldOutputs:
    """Classify the test clips of a fold by the training clips most like them: each class's share of votes.

    Likeness is the cosine between features that were standardised on the training clips; each neighbour votes
    for its classes with the weight exp(cosine / 0.07), as in Wu et al. ("Unsupervised feature learning via
    non-parametric instance discrimination", 2018). Validation clips take no part.

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
    inputs = features[known]
    std, mean = torch.std_mean(inputs, dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    inputs = functional.normalize((inputs - mean) / std)
    votes = one_hot(task.targets[known], len(task.classes)).float()
    count = min(neighbours, len(inputs))
    most = max(1, _NUMBERS // max(len(inputs), count * len(task.classes)))
    outputs = []
    for rows in torch.from_numpy(asked).split(most):
        cosine = functional.normalize((features[rows] - mean) / std) @ inputs.T
        nearest = cosine.topk(count, dim=1)
        weight = (nearest.values / _TEMPERATURE).exp()
        outputs.append((weight[:, :, None] * votes[nearest.indices]).sum(dim=1) / weight.sum(1, keepdim=True))
    return torch.cat(outputs).numpy()
