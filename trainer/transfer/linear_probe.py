"""The linear probe: how much of a task one linear layer can read off frozen features.

A logistic regression at its optimum, over features standardised on the clips that it learns from. Its penalty
is the one of a grid that scores best on validation clips, which share no group (speaker, recording,
instrument) with those it learns from; then it is fitted anew, to training and validation clips together.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from trainer.tasks import Fold, Task
from trainer.transfer.holdout import valid_clips
from trainer.transfer.logistic import Scaling, logistic_path, one_hot
from trainer.transfer.scores import FoldOutputs
from trainer.transfer.strengths import best_model

STRENGTHS = tuple(10 ** (half / 2) for half in range(2, -17, -1))
"""Penalties to try: 10 leaves outputs of all clips alike, 1e-8 makes sure of all that a plane divides."""
_FIRST = 11
"""How many strengths are always tried: those down to 1e-4."""
_PATIENCE = 4  # two decades


def linear_fold(features: Tensor, task: Task, splits: Sequence[Fold]) -> list[FoldOutputs]:
    """Probe one fold, with the validation clips of each of its splits.

    Args:
        features: float32 [N, D], of all clips of the task.
        task: gives the targets.
        splits: the fold with validation clips, once or several times; training and validation clips together
            are the same in all.

    Returns:
        What is said of the test clips, for each split; its choice is the strength of the penalty.

    Raises:
        RunFailedError: the regression does not converge.
    """
    known = np.concatenate([splits[0].train, valid_clips(splits[0])])
    test = splits[0].test
    scaling = Scaling.of(features[known])

    @cache
    def outputs(strength: float) -> NDArray[np.float32]:
        targets = one_hot(task.targets[known], len(task.classes))
        inputs = scaling(features[known])
        (model,) = logistic_path(inputs, targets, [strength], multi_label=task.multi_label)
        return model(scaling(features[test])).float().numpy()

    found = []
    for split in splits:
        strength, valid_score = choose_strength(features, task, split)
        found.append(FoldOutputs(outputs(strength), valid_score, strength_in_words(strength)))
    return found


def choose_strength(features: Tensor, task: Task, split: Fold) -> tuple[float, float]:
    """Return the strength whose model scores best on the validation clips, and that score."""
    scaling, valid = Scaling.of(features[split.train]), valid_clips(split)
    inputs, asked = scaling(features[split.train]), scaling(features[valid])
    targets = one_hot(task.targets[split.train], len(task.classes))
    path = logistic_path(inputs, targets, STRENGTHS, multi_label=task.multi_label, roughly=True)
    models = ((model.strength, model(asked)) for model in path)
    return best_model(models, task.targets[valid], first=_FIRST, patience=_PATIENCE)


def strength_in_words(strength: float) -> str:
    """Say how strong the chosen penalty is, and whether the best one may lie beyond those that were tried."""
    edge = {STRENGTHS[0]: ", the strongest tried", STRENGTHS[-1]: ", the weakest tried"}
    return f"strength {strength:.1e}{edge.get(strength, '')}"
