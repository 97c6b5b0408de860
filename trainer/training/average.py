"""The exponential moving average of a model's weights.

An average over the last steps is often a better model than the last step's (Polyak & Juditsky, "Acceleration
of stochastic approximation by averaging", SIAM J. Control Optim. 1992).
"""

from collections.abc import Mapping

from torch import Tensor, nn

from trainer.model.moving_average import update_average
from trainer.training.ranks import Ranks


class Average:
    """The moving average of what a model learns.

    Args:
        model: whose trainable weights are averaged; the average begins with them.
        decay: share of the old average that a step keeps, in [0, 1). The first steps keep less,
            (1 + step)/(10 + step), so that the random beginning is soon forgotten.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {name: weight.detach().clone() for name, weight in _learning(model).items()}

    def update(self, model: nn.Module, step: int) -> None:
        """Take in the weights after a step, numbered from 1."""
        keep = min(self.decay, (1 + step) / (10 + step))
        update_average(self.weights.values(), _learning(model).values(), keep)

    def load(self, weights: Mapping[str, Tensor], ranks: Ranks) -> None:
        """Go on from a saved average; raises KeyError or RuntimeError if it is another model's."""
        for name, own in self.weights.items():
            own.copy_(ranks.scattered(weights[name], own))

    def state_dict(self, model: nn.Module, prefix: str) -> dict[str, Tensor]:
        """Return the state dict of one part of a model with its weights averaged.

        Args:
            model: gives what is not averaged, such as fixed tables.
            prefix: of the part's names, with its dot, e.g. ``encoder.``.
        """
        state = model.state_dict() | self.weights
        return {name.removeprefix(prefix): state[name] for name in state if name.startswith(prefix)}


def _learning(model: nn.Module) -> dict[str, Tensor]:
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
