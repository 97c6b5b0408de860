"""A small masked autoencoder of each kind, and what it learns from."""

import torch

from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder

SMALL = {"depth": 2, "embed_dim": 32, "num_heads": 2}
VARIANTS = {
    "plain": {},
    "cross": {"decoder": "cross", "predict_share": 0.25},
    "contrast": {"contrast": 0.5},
    "teacher": {"target": "teacher"},
    "codes": {"target": "random-projection", "codes": 32},
    "classes": {"target": "classes", "num_classes": 4},
    "all": {"decoder": "cross", "predict_share": 0.5, "contrast": 0.1, "target": "teacher"},
}


def autoencoder(size=(32, 32), patch=(8, 8), channels=3, **options):
    torch.manual_seed(0)
    vit = build_encoder("vit_tiny", input_size=size, patch_size=patch, channels=channels, **SMALL)
    settings = {"decoder_dim": 16, "decoder_depth": 1} | options
    data = {"steps": settings.pop("steps", 100), "num_classes": settings.pop("num_classes", 1)}
    return MaskedAutoencoder(vit, MaskedAutoencoderConfig(**settings), **data)


def seed(number=0):
    return torch.Generator().manual_seed(number)


def train(model, images, steps, lr=5e-3):
    """Learn from the same pictures, under other masks each step; returns the losses."""
    optimizer = torch.optim.Adam([w for w in model.parameters() if w.requires_grad], lr=lr)
    masks, losses = seed(), []
    for _ in range(steps):
        loss = model(images, masks).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.after_step()
        losses.append(loss.item())
    return losses


def smooth_picture():
    """A picture of variance 1 that neighbours tell something about: [1, 1, 32, 32]."""
    torch.manual_seed(3)
    coarse = torch.randn(1, 1, 6, 6)
    image = torch.nn.functional.interpolate(coarse, (32, 32), mode="bicubic")
    return (image - image.mean()) / image.std()
