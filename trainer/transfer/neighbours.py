"""k-NN: what frozen features say without any training, a check on the linear probe."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from trainer.tasks import Fold, Task
from trainer.transfer.scores import FoldOutputs

_TEMPERATURE = 0.07
_NUMBERS = 1 << 26  # that lie in memory at a time: of test clips, what each has of its neighbours


def knn_fold(features: Tensor, task: Task, fold: Fold, *, neighbours: int) -> FoldOutputs:
    """Classify the test clips of a fold by the training clips most like them: each class's share of votes.

    Likeness is the cosine between features that were standardised on the training clips; each neighbour votes
    for its classes with the weight exp(cosine / 0.07), as in Wu et al. ("Unsupervised feature learning via
    non-parametric instance discrimination", 2018). Validation clips take no part.

    Args:
        features: float32 [N, D], of all clips of the task.
        task: gives the targets.
        fold: which clips are known and which are asked about.
        neighbours: how many vote, at most; fewer where there are fewer clips.
    """
    known = features[fold.train]
    std, mean = torch.std_mean(known, dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    known = functional.normalize((known - mean) / std)
    votes = _one_hot(task.targets[fold.train], len(task.classes))
    count = min(neighbours, len(known))
    most = max(1, _NUMBERS // max(len(known), count * len(task.classes)))
    outputs = []
    for rows in torch.from_numpy(fold.test).split(most):
        cosine = functional.normalize((features[rows] - mean) / std) @ known.T
        nearest = cosine.topk(count, dim=1)
        weight = (nearest.values / _TEMPERATURE).exp()
        outputs.append((weight[:, :, None] * votes[nearest.indices]).sum(dim=1) / weight.sum(1, keepdim=True))
    return FoldOutputs(torch.cat(outputs).numpy())


def _one_hot(targets: NDArray[np.int64], classes: int) -> Tensor:
    known = torch.from_numpy(targets)
    return (functional.one_hot(known, classes) if known.ndim == 1 else known).float()
