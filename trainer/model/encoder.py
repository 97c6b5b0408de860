"""The encoder: a plain timm VisionTransformer, and the one way from patches to tokens.

Letters in shapes: B pictures, N patches, P numbers in a patch, D the encoder's width.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer.errors import TrainerError
from trainer.model.config import PositionKind
from trainer.model.positions import position_table

if TYPE_CHECKING:
    from timm.models.vision_transformer import VisionTransformer

MODELS = {
    "vit_tiny": "vit_tiny_patch16_224",
    "vit_small": "vit_small_patch16_224",
    "vit_base": "vit_base_patch16_224",
    "vit_large": "vit_large_patch16_224",
    "vit_huge": "vit_huge_patch14_224",
}
"""Encoders and the names by which timm makes them.

Widths 192, 384, 768, 1024 and 1280; 12 blocks, large 24, huge 32.
"""


def build_encoder(
    model: str,
    *,
    input_size: tuple[int, int],
    patch_size: tuple[int, int],
    channels: int,
    stride: tuple[int, int] | None = None,
    positions: PositionKind = "sincos",
    **options: Any,
) -> "VisionTransformer":
    """Make a timm VisionTransformer without a head.

    Its weights fit ``timm.create_model(MODELS[model], img_size=…, patch_size=…, in_chans=…, num_classes=0)``.

    Args:
        model: one of `MODELS`.
        input_size: height and width in pixels; any multiples of the patch.
        patch_size: height and width of a patch in pixels.
        channels: of the input; 3 for colour, 1 for gray pictures and spectrograms.
        stride: distance of patches in rows and columns, where they overlap; the patch's size if not given.
        positions: ``sincos`` for a fixed table, ``learned`` for one that is trained.
        options: passed on to timm, e.g. ``drop_path_rate``.

    Raises:
        TrainerError: an unknown model, an input size that the patch does not divide, or a stride longer than
            the patch.

    Examples:
        >>> import torch
        >>> from trainer import build_encoder
        >>> encoder = build_encoder("vit_tiny", input_size=(32, 32), patch_size=(8, 8), channels=1)
        >>> encoder(torch.zeros(2, 1, 32, 32)).shape  # a class token before 4·4 patches
        torch.Size([2, 17, 192])
    """
    import timm  # not at the top: it takes seconds, which who only asks for help should not wait

    if model not in MODELS:
        raise TrainerError(f"unknown model {model!r}: choose from {', '.join(MODELS)}")
    for side, size, patch in zip(("height", "width"), input_size, patch_size, strict=True):
        if size <= 0 or size % patch:
            raise TrainerError(f"input {side} {size} is not a multiple of the patch's {side} {patch}")
    encoder: VisionTransformer = timm.create_model(
        MODELS[model],
        img_size=input_size,
        patch_size=patch_size,
        in_chans=channels,
        num_classes=0,
        global_pool="",
        **options,
    )
    if stride is not None:
        for side, step, patch in zip(("height", "width"), stride, patch_size, strict=True):
            if not 0 < step <= patch:
                raise TrainerError(f"stride {step} must be 1 … {patch}, the patch's {side}")
        grid = tuple((n - p) // s + 1 for n, p, s in zip(input_size, patch_size, stride, strict=True))
        encoder.patch_embed.grid_size, encoder.patch_embed.num_patches = grid, grid[0] * grid[1]
        encoder.patch_embed.proj.stride = stride
    encoder.pos_embed = position_table(positions, encoder.patch_embed.grid_size, encoder.embed_dim)
    # As in the paper: the patch embedding is initialised like the linear layer that it is.
    nn.init.xavier_uniform_(encoder.patch_embed.proj.weight.flatten(1))
    for module in encoder.blocks.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
    return encoder


def encode_patches(
    vit: "VisionTransformer", patches: Tensor, positions: Tensor, seen: Tensor | None = None
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
    tokens, mask = _first_tokens(vit, patches, positions, seen)
    for block in vit.blocks:
        tokens = block(tokens, attn_mask=mask)
    encoded: Tensor = vit.norm(tokens)
    return encoded


def hidden_states(
    vit: "VisionTransformer", patches: Tensor, positions: Tensor, seen: Tensor | None = None
) -> Iterator[Tensor]:
    """Yield what `encode_patches` goes through: the tokens after each block, and after the final norm.

    The arguments are those of `encode_patches`.
    """
    tokens, mask = _first_tokens(vit, patches, positions, seen)
    for block in vit.blocks:
        tokens = block(tokens, attn_mask=mask)
        yield tokens
    yield vit.norm(tokens)


def _first_tokens(
    vit: "VisionTransformer", patches: Tensor, positions: Tensor, seen: Tensor | None
) -> tuple[Tensor, Tensor | None]:
    """Return the tokens that the first block sees, and the mask that is added to attention scores."""
    # A strided convolution of whole patches is one matrix product.
    proj = vit.patch_embed.proj
    tokens = functional.linear(patches, proj.weight.flatten(1), proj.bias) + positions
    # Not len(tokens), which would be a constant in an exported graph.
    first = (vit.cls_token + vit.pos_embed[:, :1]).expand(tokens.shape[0], -1, -1)
    tokens = torch.cat([first, tokens], dim=1)
    if seen is None:
        return tokens, None
    # Added to the scores, as numbers: timm's attention without fusion would add true as 1.
    mask = torch.zeros(tokens.shape[:2], device=tokens.device)
    mask[:, 1:].masked_fill_(~seen, -torch.inf)
    return tokens, mask[:, None, None, :]
