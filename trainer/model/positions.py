"""Where a patch stands, as a vector: the fixed sin-cos table or a learned one."""

from typing import Literal

import torch
from timm.layers import build_sincos2d_pos_embed, trunc_normal_
from torch import Tensor, nn

PositionKind = Literal["sincos", "learned"]


def sincos_positions(grid: tuple[int, int], dim: int) -> Tensor:
    """Return the fixed 2-D sin-cos table of a grid of any shape, [1, 1 + rows·columns, dim].

    The first row, for the class token, is zero. The numbers stand as in the published weights of masked
    autoencoders, so that a table computed for a new grid fits an imported encoder: sines and cosines of the
    column, then sines and cosines of the row, with wavelengths from 2π to 10 000·2π.

    Args:
        grid: rows and columns of patches.
        dim: a multiple of 4.
    """
    # timm counts sine and cosine outside, row and column inside.
    table = build_sincos2d_pos_embed(list(grid), dim).unflatten(1, (2, 2, dim // 4))
    table = table.transpose(1, 2).flip(1).flatten(1)
    return torch.cat([torch.zeros(1, dim), table])[None]


def position_table(kind: PositionKind, grid: tuple[int, int], dim: int) -> nn.Parameter:
    """Return a table [1, 1 + rows·columns, dim] as a weight: fixed, or random and to be learned."""
    table = sincos_positions(grid, dim)
    if kind == "learned":
        trunc_normal_(table, std=0.02)
    return nn.Parameter(table, requires_grad=kind == "learned")
