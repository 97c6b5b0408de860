"""An exponential moving average of weights."""

from collections.abc import Iterable

import torch
from torch import Tensor


@torch.no_grad()
def update_average(average: Iterable[Tensor], weights: Iterable[Tensor], keep: float) -> None:
    """Move an average towards new weights, in place: `keep`·average + (1 − `keep`)·weights."""
    torch._foreach_lerp_(list(average), list(weights), 1 - keep)
