"""Where a patch stands, as a vector: the fixed sin-cos table or a learned one."""

import torch
from torch import Tensor, nn

from trainer.model.config import GridRule, PositionKind

_ROUNDING = 1e-4  # of published tables, some of which were kept in half precision


def sincos_positions(grid: tuple[int, int], dim: int, step: tuple[float, float] = (1.0, 1.0)) -> Tensor:
    """Return the fixed 2-D sin-cos table of a grid of any shape, [1, 1 + rows·columns, dim].

    The first row, for the class token, is zero. The numbers stand as in the published weights of masked
    autoencoders, so that a table computed for a new grid fits an imported encoder: sines and cosines of the
    column, then sines and cosines of the row, with wavelengths from 2π to 10 000·2π.

    Args:
        grid: rows and columns of patches.
        dim: a multiple of 4.
        step: distance of two rows and of two columns in patches: below 1 where patches overlap.
    """
    from timm.layers import freq_bands

    rows, columns = (torch.arange(count).float() * size for count, size in zip(grid, step, strict=True))
    places = torch.stack(torch.meshgrid(columns, rows, indexing="xy"), dim=-1).flatten(0, 1)
    angles = places[:, :, None] * freq_bands(dim // 4, temperature=10_000.0, step=1)
    table = torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)
    return torch.cat([torch.zeros(1, dim), table])[None]


def position_table(kind: PositionKind, grid: tuple[int, int], dim: int) -> nn.Parameter:
    """Return a table [1, 1 + rows·columns, dim] as a weight: fixed, or random and to be learned."""
    from timm.layers import trunc_normal_

    table = sincos_positions(grid, dim)
    if kind == "learned":
        trunc_normal_(table, std=0.02)
    return nn.Parameter(table, requires_grad=kind == "learned")


def fit_positions(
    table: Tensor,
    old: tuple[int, int],
    new: tuple[int, int],
    rule: GridRule = "auto",
    step: tuple[float, float] = (1.0, 1.0),
) -> tuple[Tensor, str]:
    """Make a table of positions fit another grid.

    Args:
        table: [1, 1 + rows·columns, dim] of the old grid.
        old: its rows and columns.
        new: rows and columns that are wanted.
        rule: ``interpolate`` stretches the table over the new grid (bicubic), ``sincos`` computes the fixed
            sin-cos table of the new grid, in which neighbours stay as far apart as they were; ``auto`` does
            the second where the table is the fixed one of its grid, and the first where it was learned.
        step: distance of two rows and of two columns of the new grid in patches of the old: the same place
            then has the same numbers.

    Returns:
        The table [1, 1 + rows·columns, dim], and what was done, for people; empty if nothing was.
    """
    from timm.layers import resample_abs_pos_embed

    dim = table.shape[2]
    grids = f"{old[0]}×{old[1]} → {new[0]}×{new[1]}"
    if rule == "auto":
        if old == new:
            return table, ""
        fixed = dim % 4 == 0 and torch.allclose(table, sincos_positions(old, dim), atol=_ROUNDING)
        rule = "sincos" if fixed else "interpolate"
    if rule == "sincos":
        return sincos_positions(new, dim, step), f"{grids}, sin-cos table computed afresh"
    if old == new:
        return table, ""
    return resample_abs_pos_embed(table, list(new), list(old)), f"{grids}, interpolated (bicubic)"
