"""The masked autoencoder: hide most patches of a picture, learn to draw them back.

After He et al., "Masked Autoencoders Are Scalable Vision Learners" (CVPR 2022). The encoder is a plain
timm VisionTransformer and sees the visible patches only; a light decoder sees all places and predicts
the pixels of the hidden ones.

Letters in shapes: B pictures, C channels, H×W pixels, L patches, V of them visible, P = C·ph·pw numbers
in a patch, D and E the widths of encoder and decoder.
"""

from dataclasses import dataclass
from typing import Any

import timm
import torch
from timm.layers import build_sincos2d_pos_embed, trunc_normal_
from timm.models.vision_transformer import Block, VisionTransformer
from torch import Tensor, nn
from torch.nn import functional

from trainer.errors import TrainerError

MODELS = ("vit_tiny", "vit_small", "vit_base")
"""Encoders by name: widths 192, 384 and 768, each 12 blocks deep."""

NORM_PIX_EPS = 1e-2
"""Added to the variance of a patch before norm-pix divides by it, in units of the standardised input.

The published 1e-6 is for photographs, which have texture everywhere. Patterns have flat patches, where it
would blow up the noise of JPEG to full size and ask the model to predict that.
"""


@dataclass(frozen=True)
class Reconstruction:
    """What one forward pass gives.

    Attributes:
        loss: scalar: mean squared error over the hidden patches only.
        prediction: [B, L, P], in the space of the targets (normalised per patch if norm-pix is on).
        mask: bool [B, L], true where a patch was hidden.
    """

    loss: Tensor
    prediction: Tensor
    mask: Tensor


def sincos_positions(grid: tuple[int, int], dim: int) -> Tensor:
    """Return the fixed 2-D sin-cos table of a grid of any shape, [1, 1 + rows·columns, dim].

    The first row, for the class token, is zero. Half of the numbers tell the row, half the column.
    """
    table = build_sincos2d_pos_embed(list(grid), dim)
    return torch.cat([torch.zeros(1, dim), table])[None]


def build_encoder(
    model: str, *, input_size: tuple[int, int], patch_size: tuple[int, int], channels: int, **options: Any
) -> VisionTransformer:
    """Make a timm VisionTransformer without a head, with fixed sin-cos positions.

    Args:
        model: one of `MODELS`.
        input_size: height and width in pixels; any multiples of the patch.
        patch_size: height and width of a patch in pixels.
        channels: of the input; 3 for colour, 1 for gray pictures and spectrograms.
        options: passed on to timm, e.g. ``drop_path_rate``.

    Raises:
        TrainerError: an unknown model, or an input size that the patch does not divide.
    """
    if model not in MODELS:
        raise TrainerError(f"unknown model {model!r}: choose from {', '.join(MODELS)}")
    for side, size, patch in zip(("height", "width"), input_size, patch_size, strict=True):
        if size <= 0 or size % patch:
            raise TrainerError(f"input {side} {size} is not a multiple of the patch's {side} {patch}")
    encoder: VisionTransformer = timm.create_model(
        f"{model}_patch16_224",
        img_size=input_size,
        patch_size=patch_size,
        in_chans=channels,
        num_classes=0,
        global_pool="",
        **options,
    )
    encoder.pos_embed.data.copy_(sincos_positions(encoder.patch_embed.grid_size, encoder.embed_dim))
    encoder.pos_embed.requires_grad_(False)
    # As in the paper: the patch embedding is initialised like the linear layer that it is.
    nn.init.xavier_uniform_(encoder.patch_embed.proj.weight.flatten(1))
    for module in encoder.blocks.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
    return encoder


def patchify(images: Tensor, patch_size: tuple[int, int]) -> Tensor:
    """Cut pictures [B, C, H, W] into patches [B, L, P], row by row; P counts channels, rows, columns."""
    b, c, h, w = images.shape
    ph, pw = patch_size
    patches = images.reshape(b, c, h // ph, ph, w // pw, pw)
    return patches.permute(0, 2, 4, 1, 3, 5).reshape(b, (h // ph) * (w // pw), c * ph * pw)


def unpatchify(patches: Tensor, patch_size: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """Undo `patchify`: patches [B, L, P] of a grid of rows × columns back to pictures [B, C, H, W]."""
    b, _, p = patches.shape
    (ph, pw), (rows, columns) = patch_size, grid
    c = p // (ph * pw)
    images = patches.reshape(b, rows, columns, c, ph, pw)
    return images.permute(0, 3, 1, 4, 2, 5).reshape(b, c, rows * ph, columns * pw)


def random_order(batch: int, length: int, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
    """Shuffle the patches of each picture apart.

    Returns:
        ``order`` and ``restore``, both int64 [batch, length]; gathering by the one undoes the other.
    """
    order = torch.rand(batch, length, generator=generator).argsort(dim=1)
    return order, order.argsort(dim=1)


def take(tokens: Tensor, index: Tensor) -> Tensor:
    """Pick tokens [B, N, D] by index [B, M], giving [B, M, D]."""
    return tokens.gather(1, index[:, :, None].expand(-1, -1, tokens.shape[2]))


def encode_patches(
    vit: VisionTransformer, patches: Tensor, positions: Tensor, seen: Tensor | None = None
) -> Tensor:
    """Encode any set of patches: the one way from pixels to tokens, in pre-training and after.

    Args:
        vit: the encoder.
        patches: [B, N, P], from `patchify`.
        positions: [B or 1, N, D], the rows of the position table that belong to them.
        seen: bool [B, N], false for patches that only fill up a batch; nothing attends to them.

    Returns:
        [B, 1 + N, D], the class token first.
    """
    # A strided convolution of whole patches is one matrix product.
    proj = vit.patch_embed.proj
    tokens = functional.linear(patches, proj.weight.flatten(1), proj.bias) + positions
    first = (vit.cls_token + vit.pos_embed[:, :1]).expand(len(tokens), -1, -1)
    tokens = torch.cat([first, tokens], dim=1)
    mask = None
    if seen is not None:
        # Added to the scores, as numbers: timm's attention without fusion would add true as 1.
        mask = torch.zeros(tokens.shape[:2], device=tokens.device)
        mask[:, 1:].masked_fill_(~seen, -torch.inf)
        mask = mask[:, None, None, :]
    for block in vit.blocks:
        tokens = block(tokens, attn_mask=mask)
    encoded: Tensor = vit.norm(tokens)
    return encoded


class MaskedAutoencoder(nn.Module):
    """Encoder, decoder and loss of masked pre-training.

    Args:
        encoder: from `build_encoder`; it stays a plain timm model that works alone.
        mask_ratio: share of patches to hide, in (0, 1); of L patches, L·ratio (rounded) are hidden.
        norm_pix: predict each patch after removing its own mean and deviation.
        keep_mean: with norm-pix, put the mean back: the model says how bright a patch is and how it is
            textured, with about equal weight.
        decoder_dim: width E of the decoder, a multiple of 4 (for its positions) and of its heads.
        decoder_depth: its number of blocks.
        decoder_heads: attention heads in each of them.

    Raises:
        TrainerError: the mask ratio leaves no visible or no hidden patch, or an impossible width.
    """

    def __init__(
        self,
        encoder: VisionTransformer,
        *,
        mask_ratio: float = 0.75,
        norm_pix: bool = False,
        keep_mean: bool = False,
        decoder_dim: int = 128,
        decoder_depth: int = 2,
        decoder_heads: int = 4,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.norm_pix, self.keep_mean = norm_pix, keep_mean
        self.patch_size: tuple[int, int] = tuple(encoder.patch_embed.patch_size)
        self.grid: tuple[int, int] = tuple(encoder.patch_embed.grid_size)
        length = self.grid[0] * self.grid[1]
        self.visible = length - round(length * mask_ratio)
        if not 0 < self.visible < length:
            raise TrainerError(
                f"mask ratio {mask_ratio} leaves {self.visible} of {length} patches visible; "
                "at least one must be visible and one hidden"
            )
        if decoder_dim % 4 or decoder_dim % decoder_heads:
            raise TrainerError(
                f"decoder_dim = {decoder_dim} must be a multiple of 4 and of {decoder_heads} heads"
            )
        self.decoder_embed = nn.Linear(encoder.embed_dim, decoder_dim)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, decoder_dim))
        self.decoder_positions: Tensor
        self.register_buffer("decoder_positions", sincos_positions(self.grid, decoder_dim), persistent=False)
        self.decoder_blocks = nn.Sequential(
            *(Block(decoder_dim, decoder_heads, qkv_bias=True) for _ in range(decoder_depth))
        )
        self.decoder_norm = nn.LayerNorm(decoder_dim)
        patch = encoder.patch_embed.proj.in_channels * self.patch_size[0] * self.patch_size[1]
        self.decoder_head = nn.Linear(decoder_dim, patch)
        for module in self.decoder_modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        trunc_normal_(self.mask_token, std=0.02)

    def decoder_modules(self) -> list[nn.Module]:
        """Return every module that is thrown away after pre-training."""
        parts = (self.decoder_embed, self.decoder_blocks, self.decoder_norm, self.decoder_head)
        return [module for part in parts for module in part.modules()]

    def encode(self, patches: Tensor, keep: Tensor) -> Tensor:
        """Encode the visible patches: [B, L, P] and their places [B, V] to tokens [B, 1 + V, D]."""
        positions = self.encoder.pos_embed[0, 1:]
        return encode_patches(self.encoder, take(patches, keep), positions[keep])

    def decode(self, encoded: Tensor, restore: Tensor) -> Tensor:
        """Predict every patch: tokens [B, 1 + V, D] and the way back [B, L] to pixels [B, L, P]."""
        tokens = self.decoder_embed(encoded)
        # Hidden places get the mask token; then all go back to where they stood.
        hidden = self.mask_token.to(tokens.dtype).expand(len(tokens), restore.shape[1] - self.visible, -1)
        places = take(torch.cat([tokens[:, 1:], hidden], dim=1), restore)
        tokens = torch.cat([tokens[:, :1], places], dim=1) + self.decoder_positions
        prediction: Tensor = self.decoder_head(self.decoder_norm(self.decoder_blocks(tokens))[:, 1:])
        return prediction

    def targets(self, patches: Tensor) -> Tensor:
        """Return what the decoder should say for patches [B, L, P]."""
        if not self.norm_pix:
            return patches
        variance, mean = torch.var_mean(patches, dim=2, keepdim=True)
        target: Tensor = (patches - mean) / (variance + NORM_PIX_EPS).sqrt()
        return target + mean if self.keep_mean else target

    def pixels(self, prediction: Tensor, patches: Tensor) -> Tensor:
        """Undo `targets` on predictions [B, L, P]; what it removed is borrowed from the true patches."""
        if not self.norm_pix:
            return prediction
        variance, mean = torch.var_mean(patches, dim=2, keepdim=True)
        own = prediction.mean(dim=2, keepdim=True) if self.keep_mean else 0
        restored: Tensor = (prediction - own) * (variance + NORM_PIX_EPS).sqrt()
        return restored + (own if self.keep_mean else mean)

    def forward(self, images: Tensor, generator: torch.Generator | None = None) -> Reconstruction:
        """Hide, encode, decode and compare.

        Args:
            images: [B, C, H, W], standardised.
            generator: source of the masks; torch's own if none is given.
        """
        patches = patchify(images, self.patch_size)
        order, restore = random_order(len(images), patches.shape[1], generator)
        order, restore = order.to(images.device), restore.to(images.device)
        keep = order[:, : self.visible]
        prediction = self.decode(self.encode(patches, keep), restore)
        hidden = order[:, self.visible :]
        error = take(prediction, hidden).float() - take(self.targets(patches), hidden)
        return Reconstruction(error.square().mean(), prediction, restore >= self.visible)
