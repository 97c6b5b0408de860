"""Likeness of features: which classes the nearest known clips vote for."""

import torch
from torch import Tensor
from torch.nn import functional

_TEMPERATURE = 0.07
_NUMBERS = 1 << 26  # that lie in memory at a time: of asked clips, what each has of its neighbours


def neighbour_votes(known: Tensor, votes: Tensor, asked: Tensor, *, neighbours: int) -> Tensor:
    """Return each class's share of the votes of the known features most like those that are asked about.

    Likeness is the cosine between features that were standardised on the known ones; each neighbour votes
    for its classes with the weight exp(cosine / 0.07), as in Wu et al. ("Unsupervised feature learning via
    non-parametric instance discrimination", 2018).

    Args:
        known: float32 [n, D].
        votes: float32 [n, C], 1 for each class of a known feature and 0 elsewhere.
        asked: float32 [m, D].
        neighbours: how many vote, at most; fewer where fewer are known.

    Returns:
        float32 [m, C], in [0, 1].
    """
    std, mean = torch.std_mean(known, dim=0, correction=0)
    std = torch.where(std > 0, std, 1.0)
    inputs = functional.normalize((known - mean) / std)
    count = min(neighbours, len(inputs))
    most = max(1, _NUMBERS // max(len(inputs), count * votes.shape[1]))
    outputs = []
    for some in asked.split(most):
        cosine = functional.normalize((some - mean) / std) @ inputs.T
        nearest = cosine.topk(count, dim=1)
        weight = (nearest.values / _TEMPERATURE).exp()
        outputs.append((weight[:, :, None] * votes[nearest.indices]).sum(dim=1) / weight.sum(1, keepdim=True))
    return torch.cat(outputs)
