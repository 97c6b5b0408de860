"""Which clips are learned from, in which order, and which are set aside to choose the epoch."""

import torch
from torch import Tensor


def mixed_batches(train: Tensor, steps: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    """Draw the batches of one epoch at random, with clips of like length together.

    Within every eight batches of a random order the clips are sorted by length before they are dealt out,
    so that batches are hardly filled up; the batches then come in random order.

    Args:
        train: indices of the training clips.
        steps: time steps of every clip of the task.
        batch_size: clips in a batch; the last of an epoch may hold fewer.
        generator: source of the order.
    """
    order = train[torch.randperm(len(train), generator=generator)]
    batches = [
        batch
        for pool in order.split(8 * batch_size)
        for batch in pool[steps[pool].argsort(stable=True)].split(batch_size)
    ]
    return [batches[i] for i in torch.randperm(len(batches), generator=generator)]


def balanced(train: Tensor, targets: Tensor, power: float, generator: torch.Generator) -> Tensor:
    """Draw as many clips as there are, with replacement, rare labels more often.

    A clip's chance is proportional to the sum of count^−power over its labels, where count is how many
    training clips have the label: with power 1 as for AST (Gong et al., Interspeech 2021), and all classes of
    a task with one label a clip come equally often.

    Args:
        train: indices of the training clips.
        targets: 0/1 [N, C] of all clips of the task.
        power: 0 for equal chances.
        generator: source of the draw.

    Returns:
        Indices, as many as `train`.
    """
    own = targets[train].double()
    weights = own @ own.sum(dim=0).clamp(min=1).pow(-power)
    return train[torch.multinomial(weights, len(train), replacement=True, generator=generator)]
