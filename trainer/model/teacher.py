"""Predict features instead of pixels: those of a teacher that follows the encoder slowly."""

from copy import deepcopy
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer.errors import TrainerError
from trainer.model.encoder import encode_patches
from trainer.model.moving_average import update_average

if TYPE_CHECKING:
    from timm.models.vision_transformer import VisionTransformer


class Teacher(nn.Module):
    """An exponential moving average of the encoder, which sees what the encoder does not.

    As in M2D (Niizumi et al., "Masked Modeling Duo", ICASSP 2023) the teacher is shown the hidden patches
    only, so its features cannot hold what the encoder sees anyway. As in data2vec (Baevski et al., ICML
    2022) they are normalised over their numbers, which keeps them from shrinking, and the momentum rises
    linearly over the run.

    Args:
        encoder: is copied.
        momentum: share of itself that the teacher keeps at each step: at the first, and from step `ramp` on.
        ramp: steps over which the momentum rises.

    Raises:
        TrainerError: a momentum outside [0, 1].
    """

    def __init__(self, encoder: "VisionTransformer", *, momentum: tuple[float, float], ramp: int) -> None:
        super().__init__()
        if not all(0 <= share <= 1 for share in momentum):
            raise TrainerError(f"teacher momentum {momentum[0]} to {momentum[1]} must lie between 0 and 1")
        self.vit = deepcopy(encoder).requires_grad_(requires_grad=False)
        self.start, self.end = momentum
        self.ramp = ramp
        # A buffer, so that a run that goes on from a checkpoint goes on with the momentum.
        self.updates: Tensor
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    @property
    def momentum(self) -> float:
        """The share that the next `update` keeps."""
        return self.end - (self.end - self.start) * max(0.0, 1 - self.updates.item() / max(self.ramp, 1))

    @torch.no_grad()
    def forward(self, patches: Tensor, places: Tensor) -> Tensor:
        """Return the normalised features of some patches.

        Args:
            patches: [B, N, P].
            places: [B, N], where they stand on the grid.

        Returns:
            float32 [B, N, D]; each token has mean 0 and variance 1.
        """
        tokens = encode_patches(self.vit, patches, self.vit.pos_embed[0, 1:][places])[:, 1:].float()
        return functional.layer_norm(tokens, tokens.shape[2:])

    def update(self, encoder: "VisionTransformer") -> None:
        """Go one step towards the encoder."""
        update_average(self.vit.parameters(), encoder.parameters(), self.momentum)
        self.updates += 1

    @torch.no_grad()
    def reset(self, encoder: "VisionTransformer") -> None:
        """Start anew from an encoder whose weights were loaded."""
        self.vit.load_state_dict(encoder.state_dict())
