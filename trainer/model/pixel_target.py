"""Predict the pixels of a patch, as they are or normalised by its own mean and deviation."""

from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.model.config import NORM_PIX_EPS


@dataclass(frozen=True, kw_only=True)
class PixelTarget:
    """Targets made of pixels, and the way back.

    Attributes:
        norm_pix: predict each patch after removing its own mean and deviation.
        keep_mean: put the mean back, with norm-pix: the model says how bright a patch is and how it is
            textured, with about equal weight.
        eps: added to the variance before dividing by its root.
    """

    norm_pix: bool = False
    keep_mean: bool = False
    eps: float = NORM_PIX_EPS

    def __call__(self, patches: Tensor) -> Tensor:
        """Return what should be said for patches [B, N, P]."""
        if not self.norm_pix:
            return patches
        variance, mean = torch.var_mean(patches, dim=2, keepdim=True)
        target: Tensor = (patches - mean) / (variance + self.eps).sqrt()
        return target + mean if self.keep_mean else target

    def pixels(self, prediction: Tensor, patches: Tensor) -> Tensor:
        """Undo the above on predictions [B, N, P]; what it removed is borrowed from the true patches."""
        if not self.norm_pix:
            return prediction
        variance, mean = torch.var_mean(patches, dim=2, keepdim=True)
        own = prediction.mean(dim=2, keepdim=True) if self.keep_mean else 0
        restored: Tensor = (prediction - own) * (variance + self.eps).sqrt()
        return restored + (own if self.keep_mean else mean)
