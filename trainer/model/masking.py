"""Which patches to hide: at random, in blocks, in stripes of frequency or time, or where much happens.

Every kind puts the patches of each picture in an order: the first are visible, the last hidden. So each hides
exactly the asked number on every grid. The hidden ones stand in random order among themselves, and the first
few of them are a fair sample of all.

Letters in shapes: B pictures, L = R·S patches on a grid of R rows and S columns, K rectangles,
P pixels of a patch.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from trainer.model.config import MaskKind

Grid = tuple[int, int]

_RECTANGLES = 48
"""Rectangles drawn per picture: enough that the uncovered rest is small at usual mask ratios."""
_LEAST_WEIGHT = 0.1
"""Weight of a flat patch, where those of the picture's mean deviation weigh 1.1: it is hidden too, seldom."""


def draw_order(
    kind: MaskKind,
    batch: int,
    grid: Grid,
    num_keep: int,
    generator: torch.Generator | None = None,
    weights: Tensor | None = None,
) -> Tensor:
    """Order the patches of each picture, the visible ones first.

    Args:
        kind: ``random`` shuffles patches (He et al., CVPR 2022); ``block`` hides rectangles (after Bao et
            al., "BEiT", ICLR 2022); ``frequency`` hides rows and ``time`` columns of a spectrogram's grid
            (Huang et al., "Masked Autoencoders that Listen", NeurIPS 2022); ``time-frequency`` hides rows
            and columns, one after the other in random order, as SpecAugment does with sound (Park et al.,
            Interspeech 2019). Of the last block or stripe a part is hidden, where the number asks for it.
            ``dispersion`` hides one patch after the other, each with a chance in proportion to its weight
            among those that are left (after the dispersion-weighted masking of Niizumi et al., "Rethinking
            masking strategies for masked prediction-based audio self-supervised learning", arXiv 2603.23810).
        batch: number of pictures, each with a mask of its own.
        grid: rows and columns of patches.
        num_keep: patches to leave visible, 0 … L.
        generator: source of randomness; torch's own if none is given.
        weights: float [B, L], more than 0, as from `dispersion`, which alone looks at them; 1 if not given.

    Returns:
        int64 [B, L], on the CPU.
    """
    noise = torch.rand(batch, grid[0] * grid[1], generator=generator)
    if kind == "random":
        return noise.argsort(dim=1)
    if kind == "dispersion":
        # Exponential waiting times at the rate of the weight; what is waited for longest is left visible.
        waits = torch.empty_like(noise).exponential_(generator=generator)
        rank = -waits if weights is None else -waits / weights.cpu()
    else:
        rank = _HIDDEN_LAST[kind](batch, grid, generator)
    order: Tensor = rank.argsort(dim=1, stable=True)
    hidden = order[:, num_keep:]
    shuffled = hidden.gather(1, noise[:, num_keep:].argsort(dim=1))
    return torch.cat([order[:, :num_keep], shuffled], dim=1)


def dispersion(patches: Tensor) -> Tensor:
    """Weigh patches by how much happens in them: the deviation of their pixels over its mean, plus 0.1.

    Args:
        patches: [B, L, P], pixels in any unit.

    Returns:
        float32 [B, L], at least 0.1; equal for all patches of a flat picture.
    """
    deviation = patches.float().std(dim=2, correction=0)
    mean = deviation.mean(dim=1, keepdim=True)
    return deviation / mean.clamp(min=torch.finfo(mean.dtype).tiny) + _LEAST_WEIGHT


def restoring(order: Tensor) -> Tensor:
    """Return the index [B, L] that undoes a gather by an order [B, L]."""
    places = torch.arange(order.shape[1], device=order.device).expand_as(order)
    return torch.empty_like(order).scatter_(1, order, places)


def _stripes(batch: int, count: int, generator: torch.Generator | None) -> Tensor:
    """Return a random rank of `count` stripes for each picture, [B, count]."""
    return restoring(torch.rand(batch, count, generator=generator).argsort(dim=1))


def _frequency(batch: int, grid: Grid, generator: torch.Generator | None) -> Tensor:
    """Rank whole rows; within the row that is cut, a run of columns that starts anywhere."""
    rows, columns = grid
    start = torch.randint(columns, (batch, 1, 1), generator=generator)
    along = (torch.arange(columns) + start) % columns
    rank = _stripes(batch, rows, generator)
    return (rank[:, :, None] * columns + along).flatten(1)


def _time(batch: int, grid: Grid, generator: torch.Generator | None) -> Tensor:
    rows, columns = grid
    turned: Tensor = _frequency(batch, (columns, rows), generator).unflatten(1, (columns, rows))
    return turned.transpose(1, 2).flatten(1)


def _time_frequency(batch: int, grid: Grid, generator: torch.Generator | None) -> Tensor:
    """Rank rows and columns together; a patch is hidden with the first of its two."""
    rows, columns = grid
    rank = _stripes(batch, rows + columns, generator)
    last = torch.maximum(rank[:, :rows, None], rank[:, None, rows:])
    # Of the stripe that is cut, what is left of it is hidden from its end on.
    ranked: Tensor = last * rows * columns + torch.arange(rows * columns).unflatten(0, grid)
    return ranked.flatten(1)


def _block(batch: int, grid: Grid, generator: torch.Generator | None) -> Tensor:
    """Rank patches by the first rectangle that covers them; the first rectangle is hidden first.

    Rectangles take 4 to 25 % of the grid and are up to three times as high as wide or the reverse. They may
    stick out over the edge, so that a patch there is covered as often as one in the middle.
    """
    sides = torch.tensor(grid)[:, None, None]
    uniform = torch.rand(4, batch, _RECTANGLES, generator=generator)
    area = (0.04 + 0.21 * uniform[0]) * grid[0] * grid[1]
    stretch = torch.exp((2 * uniform[1] - 1) * torch.tensor(3.0).log() / 2)
    size = torch.stack([(area.sqrt() * stretch), (area.sqrt() / stretch)]).round().long()
    size = torch.minimum(size.clamp(min=1), sides)
    # First row and column of each: anywhere that leaves at least one patch of it inside.
    first = (uniform[2:] * (sides + size - 1)).long() - size + 1
    inside = []
    for axis in range(2):
        place = torch.arange(grid[axis])
        start, stop = first[axis, :, :, None], (first[axis] + size[axis])[:, :, None]
        inside.append((place >= start) & (place < stop))
    covered = (inside[0][:, :, :, None] & inside[1][:, :, None, :]).flatten(2)  # [B, K, L]
    # Patches of one rectangle are hidden row by row, so that a block that is cut stays a block; those that
    # no rectangle covers are hidden last, scattered.
    length = grid[0] * grid[1]
    lone = torch.rand(batch, length, generator=generator) * length
    earliest = covered.byte().argmax(dim=1) * length + torch.arange(length)
    return -torch.where(covered.any(dim=1), earliest, _RECTANGLES * length + lone)


_HIDDEN_LAST: dict[str, Callable[[int, Grid, torch.Generator | None], Tensor]] = {
    "block": _block,
    "frequency": _frequency,
    "time": _time,
    "time-frequency": _time_frequency,
}
