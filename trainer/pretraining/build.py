"""The model that the settings of a run describe."""

import torch

from patterngen.sizes import parse_pair
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder
from trainer.pretraining.config import PretrainConfig


def build_model(config: PretrainConfig, steps: int, num_classes: int = 1) -> MaskedAutoencoder:
    """Make the untrained model of a run, on the CPU; equal seeds give equal weights.

    Args:
        config: the settings; `init` is not looked at.
        steps: of the whole run.
        num_classes: of its pictures.

    Raises:
        TrainerError: settings that no model can have.
    """
    torch.manual_seed(config.seed)
    encoder = build_encoder(
        config.model,
        input_size=parse_pair(config.image_size, "image_size"),
        patch_size=parse_pair(config.patch_size, "patch_size"),
        channels=config.channels,
        positions=config.positions,
    )
    return MaskedAutoencoder(encoder, config, steps=steps, num_classes=num_classes)
