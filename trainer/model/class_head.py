"""Tell the class of a picture: formula-driven supervised learning, without masks' reconstruction."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer.errors import TrainerError


class ClassHead(nn.Module):
    """Scores of the classes by the mean of a picture's patch tokens.

    Formulas name their pictures for nothing: the category of a fractal, the rule, the program that drew it
    (Kataoka et al., "Pre-training without natural images", ACCV 2020, with FractalDB; Takashima et al.,
    "Visual atoms", CVPR 2023).

    Args:
        dim: width D of the encoder.
        num_classes: how many classes there are, K.

    Raises:
        TrainerError: fewer than two classes.
    """

    def __init__(self, dim: int, num_classes: int) -> None:
        super().__init__()
        if num_classes < 2:
            raise TrainerError(
                "--target classes needs pictures of two classes or more, and these are all of one: "
                "`patterngen list` says how many each family has"
            )
        self.linear = nn.Linear(dim, num_classes)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, encoded: Tensor) -> Tensor:
        """Score tokens [B, 1 + V, D], the class token first: [B, K]."""
        scores: Tensor = self.linear(encoded[:, 1:].mean(dim=1))
        return scores

    def loss(self, scores: Tensor, classes: Tensor) -> Tensor:
        """Return the cross-entropy, in nats, of scores [B, K] with classes [B]; log K knows nothing."""
        return functional.cross_entropy(scores.float(), classes)


def check_classes(classes: Tensor, num_classes: int) -> None:
    """Refuse class ids [B] that no class has.

    Raises:
        TrainerError: one is not among 0 … K − 1; it names it.
    """
    worst = classes[torch.where((classes < 0) | (classes >= num_classes))[0]]
    if len(worst):
        raise TrainerError(
            f"a picture is of class {worst[0].item()}, but its dataset's classes.json ends at "
            f"{num_classes - 1}: `patterngen verify` says what else is wrong"
        )
