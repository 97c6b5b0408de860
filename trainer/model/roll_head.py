"""Tell which pitches sound when: what a generator knows of its picture, learned by its encoder."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from patterngen.sizes import PITCHES
from trainer.errors import TrainerError

SELDOM = -4.0
"""Log-odds at the start, when nothing is known: few of the pitches sound."""


class RollHead(nn.Module):
    """Scores of the pitches at each time step, by all patch tokens of that step together.

    Args:
        dim: width D of the encoder.
        grid: rows F and columns T of patches.
        channels: how many of the D channels are looked at, the first ones; all unless given.

    Raises:
        TrainerError: `channels` are more than D.
    """

    def __init__(self, dim: int, grid: tuple[int, int], channels: int | None = None) -> None:
        super().__init__()
        if (channels or 0) > dim:
            raise TrainerError(f"--piano-roll-channels {channels}: the encoder has {dim} channels")
        self.grid = grid
        self.channels = channels or dim
        self.linear = nn.Linear(grid[0] * self.channels, PITCHES)
        nn.init.zeros_(self.linear.weight)
        nn.init.constant_(self.linear.bias, SELDOM)

    def forward(self, encoded: Tensor) -> Tensor:
        """Score tokens of all patches, [B, 1 + F·T, D], the class token first: [B, T, 96]."""
        rows, columns = self.grid
        tokens = encoded[:, 1:, : self.channels].unflatten(1, (rows, columns)).transpose(1, 2).flatten(2)
        scores: Tensor = self.linear(tokens)
        return scores

    def loss(self, scores: Tensor, rolls: Tensor) -> Tensor:
        """Return the cross-entropy of each pitch, summed over them, in nats for a time step.

        Args:
            scores: [B, T, 96].
            rolls: float32 [B, 96, W], 0 … 1; averaged over the columns of each time step.
        """
        target = functional.adaptive_avg_pool1d(rolls.float(), scores.shape[1]).transpose(1, 2)
        losses = functional.binary_cross_entropy_with_logits(scores.float(), target, reduction="none")
        return losses.sum(dim=2).mean()


def blank_rolls(pictures: int, width: int, device: torch.device) -> Tensor:
    """Return piano rolls of pictures, `width` pixels wide, in which nothing sounds: [B, 96, W]."""
    return torch.zeros(pictures, PITCHES, width, device=device)
