"""Two masks of one picture should be encoded alike, and unlike those of other pictures."""

import torch
from torch import Tensor, nn
from torch.nn import functional


def info_nce(one: Tensor, other: Tensor, temperature: float) -> Tensor:
    """Return the InfoNCE loss of pairs, averaged over both directions.

    Each row must find its partner among all rows of the other side: the cross-entropy of cosine similarities
    over the temperature (van den Oord et al., 2018; Chen et al., "SimCLR", ICML 2020). Vectors that tell
    nothing cost log B.

    Args:
        one: [B, D].
        other: [B, D], row by row the partners of `one`.
        temperature: more than 0.
    """
    similarity = functional.normalize(one.float()) @ functional.normalize(other.float()).T / temperature
    partner = torch.arange(len(one), device=one.device)
    forth, back = (functional.cross_entropy(scores, partner) for scores in (similarity, similarity.T))
    return (forth + back) / 2


class Contrast(nn.Module):
    """The contrastive term of CAN (Mishra et al., "A simple, efficient and scalable contrastive masked
    autoencoder", 2022): mean tokens of two masked views, through a small head.

    The other pictures are those of the batch on this device: with several ranks, the term compares each with
    fewer than one rank with the whole batch would.

    Args:
        dim: width D of the encoder.
        temperature: of the softmax.
    """  # noqa: D205 (a title is long)

    def __init__(self, dim: int, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature
        self.head = nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.Linear(dim, dim))

    def forward(self, encoded: Tensor) -> Tensor:
        """Compare tokens [2·B, 1 + V, D]: first the one view of all pictures, then the other."""
        one, other = self.head(encoded[:, 1:].mean(dim=1)).chunk(2)
        return info_nce(one, other, self.temperature)
