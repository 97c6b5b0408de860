"""How strong a penalty is: the strength that validates best of those from strong to weak."""

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from trainer.transfer.logistic import log_loss
from trainer.transfer.scores import score

Model = TypeVar("Model")


def best_model(
    models: Iterable[tuple[Model, Tensor]], targets: NDArray[np.int64], *, first: int, patience: int
) -> tuple[Model, float]:
    """Return the model that scores best on validation clips, and that score.

    Of equal scores the one of lower cross entropy counts, and of those the one of the stronger penalty.

    Args:
        models: from strong to weak penalties, each with its outputs [n, C] for the validation clips; made
            one by one, as long as they are asked for.
        targets: of the validation clips.
        first: how many are always asked for.
        patience: weaker ones are, as long as one of the last so many scored better than all before.
    """
    best, chosen, risen = (-1.0, 0.0), None, 0
    for number, (model, outputs) in enumerate(models, start=1):
        found = (score(outputs.numpy(), targets), -log_loss(outputs.double(), targets))
        if found[0] > best[0]:
            risen = number
        if chosen is None or found > best:
            best, chosen = found, model
        if number >= max(first, risen + patience):
            break
    assert chosen is not None
    return chosen, best[0]
