"""How a run fares beyond its loss: whether its features use their space, and in which rows it errs."""

from functools import cached_property

import torch
from torch import Tensor

from trainer.model.encoder import encode_patches
from trainer.model.mae import MaskedAutoencoder
from trainer.model.patches import patchify
from trainer.pretraining.run import Pretraining

PICTURES = 256
"""How many pictures, the first of the run, tell."""
BATCH = 32
"""Pictures that are encoded together."""
EPSILON = 1e-7
"""Added to each share of the singular values, as published."""


def effective_rank(features: Tensor) -> float:
    """Return RankMe: e to the entropy of the singular values' shares.

    Source: Garrido et al., "RankMe: assessing the downstream performance of pretrained self-supervised
    representations by their rank", ICML 2023.

    Args:
        features: [N, D].

    Returns:
        1 where all features are multiples of one, up to min(N, D) where all directions are used alike.
    """
    values = torch.linalg.svdvals(features.double())
    shares = values / values.sum().clamp(min=EPSILON) + EPSILON
    return float(torch.exp(-(shares * shares.log()).sum()))


class Health:
    """What is measured of a run, always by the same pictures and masks.

    Args:
        training: the run.
    """

    def __init__(self, training: Pretraining) -> None:
        self.training = training

    @cached_property
    def images(self) -> Tensor:
        """Inputs by which the run is measured, standardised, [256, C, H, W]."""
        return self.training.standardised(self.training.first_pictures(PICTURES)[:PICTURES])

    def due(self, step: int) -> bool:
        """Tell whether it is to be measured after a step."""
        every = self.training.config.health_every
        return every > 0 and step % every == 0

    def measure(self) -> dict[str, float]:
        """Measure; if the model is sharded, all ranks must ask together.

        Returns:
            ``rankme`` of the mean patch tokens of whole pictures; and, where pixels are predicted,
            ``error_row_0`` and so on: the error of each row of patches, the first on top.
        """
        model = self.training.whole_model()
        was_training = model.training
        model.eval()
        with torch.no_grad(), self.training.autocast():
            features = torch.cat([_features(model, images) for images in self.images.split(BATCH)])
            told = {"rankme": effective_rank(features.float().cpu())}
            if model.predicts_pixels:
                masks = torch.Generator().manual_seed(self.training.config.seed)
                errors = torch.stack(
                    [errors_by_row(model, images, masks) for images in self.images.split(BATCH)]
                )
                told |= {f"error_row_{row}": float(error) for row, error in enumerate(errors.mean(dim=0))}
        model.train(was_training)
        return told


def _features(model: MaskedAutoencoder, images: Tensor) -> Tensor:
    patches = patchify(images, model.patch_size)
    encoded = encode_patches(model.encoder, patches, model.encoder.pos_embed[:, 1:])
    return encoded[:, 1:].mean(dim=1)


def errors_by_row(model: MaskedAutoencoder, images: Tensor, masks: torch.Generator) -> Tensor:
    """Return the mean squared error of the hidden patches of each row of the grid, [rows].

    Args:
        model: one that predicts pixels.
        images: [B, C, H, W], standardised.
        masks: source of the masks.
    """
    result = model(images, masks)
    target = model.pixel_target(patchify(images, model.patch_size))
    hidden = result.mask.float()
    errors = (result.prediction.float() - target).square().mean(dim=2) * hidden  # [B, L]
    by_row = errors.unflatten(1, model.grid).sum(dim=(0, 2))
    counts = hidden.unflatten(1, model.grid).sum(dim=(0, 2))
    mean: Tensor = by_row / counts.clamp(min=1)
    return mean
