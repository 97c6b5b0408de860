"""Weights as others publish them, small and random, and models of ours to receive them."""

import timm
import torch
from safetensors.torch import save_file

from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.encoder import build_encoder
from trainer.model.mae import MaskedAutoencoder

SMALL_DECODER = {"decoder_dim": 64, "decoder_depth": 2, "decoder_heads": 4}


def autoencoder(size=(32, 32), patch=(8, 8), channels=3, positions="sincos", **options):
    torch.manual_seed(7)
    vit = build_encoder("vit_tiny", input_size=size, patch_size=patch, channels=channels, positions=positions)
    return MaskedAutoencoder(
        vit, MaskedAutoencoderConfig(positions=positions, **SMALL_DECODER | options)
    ).eval()


def timm_file(path, **options):
    """Save a timm ViT of random weights and return it."""
    torch.manual_seed(2)
    model = timm.create_model("vit_tiny_patch16_224", img_size=32, patch_size=8, **options).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.add_(0.1 * torch.randn_like(weight)).add_(name.endswith("gamma"))
    save_file(model.state_dict(), path)
    return model
