"""How a run fares beyond its loss: the space its features use, the rows it errs in, what clips tell."""

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
    """What is measured of a run, always by the same pictures, masks and clips.

    Args:
        training: the run.
    """

    def __init__(self, training: Pretraining) -> None:
        self.training, self.task = training, training.health_task

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
            ``rankme`` of the mean patch tokens of whole pictures; where pixels are predicted, ``error_row_0``
            and so on: the error of each row of patches, the first on top; and ``knn``, the accuracy on the
            task's clips by mean and deviation over time of each row's tokens, where there is one.
        """
        model = self.training.whole_model()
        was_training = model.training
        model.eval()
        with torch.no_grad(), self.training.autocast():
            features = torch.cat(
                [_tokens(model, images).mean(dim=(1, 2)) for images in self.images.split(BATCH)]
            )
            told = {"rankme": effective_rank(features.float().cpu())}
            if self.task is not None:
                told["knn"] = self.task.accuracy(lambda images: _over_time(model, images))
            if model.predicts_pixels:
                masks = torch.Generator().manual_seed(self.training.config.seed)
                errors = torch.stack(
                    [errors_by_row(model, images, masks) for images in self.images.split(BATCH)]
                )
                told |= {f"error_row_{row}": float(error) for row, error in enumerate(errors.mean(dim=0))}
        model.train(was_training)
        return told


def _tokens(model: MaskedAutoencoder, images: Tensor) -> Tensor:
    """Return the patch tokens of images [B, C, H, W], none hidden: [B, F, T, D]."""
    patches = patchify(images, model.patch_size)
    encoded = encode_patches(model.encoder, patches, model.encoder.pos_embed[:, 1:])
    tokens: Tensor = encoded[:, 1:].unflatten(1, model.grid)
    return tokens


def _over_time(model: MaskedAutoencoder, images: Tensor) -> Tensor:
    """Return mean and deviation over time of each row's tokens, [B, 2·F·D]; images may lie elsewhere."""
    device = model.encoder.pos_embed.device
    told = []
    for some in images.split(BATCH):
        std, mean = torch.std_mean(_tokens(model, some.to(device)).float(), dim=2, correction=0)
        told.append(torch.cat([mean, std], dim=1).flatten(1))
    return torch.cat(told)


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
