"""Two views of one scene should be encoded alike, and all scenes together like a Gaussian: LeJEPA."""

import torch
from torch import Tensor, nn

LAMBDA = 0.05
"""Share of the regulariser in the loss, as published."""
DIRECTIONS = 256
"""Random directions along which the distribution is looked at, others at each step."""
POINTS = 17
"""Places at which characteristic functions are compared, from −5 to 5."""


def sigreg(vectors: Tensor, directions: Tensor) -> Tensor:
    """Return how far vectors are from a standard Gaussian: Epps and Pulley's statistic, averaged.

    N ∫ |φ̂(t) − e^(−t²/2)|² e^(−t²/2) dt, where φ̂ is the characteristic function of the N vectors along a
    direction. Of Gaussian vectors it is √(2π)(1 − 1/√3) = 1.06 on average, however many they are; of vectors
    that are all 0 it is N · √(2π)(1 − √2 + 1/√3) = 0.41 N.

    Source: Epps & Pulley, Biometrika 70, 1983; as a regulariser: Balestriero & LeCun, "LeJEPA", 2025 (arXiv
    2511.08544).

    Args:
        vectors: [N, D].
        directions: [D, K], of length 1.
    """
    t = torch.linspace(-5, 5, POINTS, device=vectors.device)
    angle = (vectors.float() @ directions)[:, :, None] * t  # [N, K, T]
    gaussian = torch.exp(-t.square() / 2)
    real, imaginary = angle.cos().mean(dim=0) - gaussian, angle.sin().mean(dim=0)
    apart = (real.square() + imaginary.square()) * gaussian
    return len(vectors) * torch.trapezoid(apart, t).mean()


class LeJepa(nn.Module):
    """The loss of LeJEPA on the mean tokens of two masked views, through a small head.

    There is no teacher, no negative and no stop of gradients: that everything is encoded alike is prevented
    by the regulariser. Directions follow from the number of steps taken, so that a run that goes on takes
    those of one that did not stop.

    Args:
        dim: width D of the encoder.

    Attributes:
        step: int64, steps taken; a buffer, kept in checkpoints.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.head = nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.Linear(dim, dim))
        self.step: Tensor
        self.register_buffer("step", torch.zeros((), dtype=torch.int64))

    def forward(self, encoded: Tensor) -> Tensor:
        """Compare tokens [2·B, 1 + V, D]: first the one view of all pictures, then the other."""
        vectors = self.head(encoded[:, 1:].mean(dim=1)).float()
        one, other = vectors.chunk(2)
        # The mean square of each from the mean of both.
        prediction = (one - other).square().mean() / 4
        seed = torch.Generator().manual_seed(int(self.step))
        drawn = torch.randn(vectors.shape[1], DIRECTIONS, generator=seed)
        directions = (drawn / drawn.norm(dim=0)).to(vectors.device)
        spread = (sigreg(one, directions) + sigreg(other, directions)) / 2
        loss: Tensor = (1 - LAMBDA) * prediction + LAMBDA * spread
        return loss

    def after_step(self) -> None:
        """Take other directions; to be called once after each step of the optimiser."""
        self.step += 1
