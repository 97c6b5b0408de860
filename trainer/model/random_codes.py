"""Predict names instead of pixels: which of many fixed random codes a hidden patch lies nearest to."""

import torch
from torch import Tensor, nn
from torch.nn import functional

CODE_DIM = 16
"""Numbers in a code, as published."""


class RandomCodes(nn.Module):
    """A quantiser that is drawn once and never learns, after BEST-RQ.

    A patch is projected by a random matrix, and the code whose direction is nearest to that of the
    projection is its name (Chiu et al., "Self-supervised learning with random-projection quantizer for
    speech recognition", ICML 2022). Whoever predicts it must know what the patch looks like, but not every
    pixel of it; and as nothing here is trained, nothing can collapse. The model that predicts is thrown away
    with the decoder.

    Args:
        numbers: in a patch, P.
        codes: how many there are, K, at least 2.

    Attributes:
        projection: float32 [P, 16], from Xavier's uniform distribution; a buffer, kept in checkpoints.
        codebook: float32 [K, 16], of length 1; likewise.
    """

    def __init__(self, numbers: int, codes: int) -> None:
        super().__init__()
        self.projection: Tensor
        self.codebook: Tensor
        self.register_buffer("projection", nn.init.xavier_uniform_(torch.empty(numbers, CODE_DIM)))
        self.register_buffer("codebook", functional.normalize(torch.randn(codes, CODE_DIM)))

    @torch.no_grad()
    def forward(self, patches: Tensor) -> Tensor:
        """Name patches, [B, N, P] to int64 [B, N] from 0 to K − 1."""
        # In float32, whatever the run computes in: between codes that are near, rounding would choose.
        with torch.autocast(patches.device.type, enabled=False):
            names: Tensor = (patches.float() @ self.projection @ self.codebook.T).argmax(dim=2)
        return names

    def loss(self, prediction: Tensor, names: Tensor) -> Tensor:
        """Return the cross-entropy, in nats, of scores [B, N, K] with names [B, N]; log K knows nothing."""
        return functional.cross_entropy(prediction.float().flatten(0, 1), names.flatten())
