"""The numbers that every picture carries: its Total Variation, three ways.

Sums are taken in integers, or in one fixed order, so that equal pixels give equal bits on any machine.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.kernels.jit import kernel

TV_DEFINITION = (
    "Forward differences dx, dy to the right and lower neighbour, averaged over the (H-1)(W-1) pixels that "
    "have both, on values in [0, 1], before encoding. tv: mean of |dx| + |dy| of the luma "
    "0.299 R + 0.587 G + 0.114 B (ITU-R BT.601). tv_iso: mean of sqrt(dx^2 + dy^2) of the same luma. "
    "tv_rgb: mean of |dx| + |dy| over the three channels."
)
"""How Total Variation is measured, in words; every dataset repeats it."""


_ROWS = 16
"""Rows added up in single precision, before doubles take their sum: relative errors stay below 10⁻⁶."""


@dataclass(frozen=True)
class TotalVariation:
    """Total Variation of N pictures, as `TV_DEFINITION` says.

    Attributes:
        tv: float64 [N] in [0, 2], anisotropic, of the luma.
        tv_iso: float64 [N] in [0, √2], isotropic, of the luma, to a relative 10⁻⁶; tv_iso ≤ tv ≤ √2 · tv_iso.
        tv_rgb: float64 [N] in [0, 2], anisotropic, mean over the channels.

    Examples:
        >>> from patterngen import family, total_variation
        >>> found = total_variation(family("perlin").draw(seeds=range(8), size=64).pixels)
        >>> bool((found.tv_iso <= found.tv).all())
        True
    """

    tv: NDArray[np.float64]
    tv_iso: NDArray[np.float64]
    tv_rgb: NDArray[np.float64]


def total_variation(pixels: NDArray[np.uint8]) -> TotalVariation:
    """Measure the Total Variation of a batch of pictures.

    Source: Rudin, Osher & Fatemi, "Nonlinear total variation based noise removal algorithms" (1992), with
    forward differences. White noise has tv ≈ 0.44, a checkerboard of single pixels 2, a flat picture 0.

    Args:
        pixels: uint8 [N, H, W, 3].

    Raises:
        PatternGenError: the array has another shape or type.

    Examples:
        >>> import numpy as np
        >>> from patterngen import total_variation
        >>> checkerboard = np.indices((16, 16)).sum(axis=0)[None, :, :, None] % 2 * np.full(3, 255)
        >>> total_variation(checkerboard.astype(np.uint8)).tv.round(6).tolist()
        [2.0]
    """
    check_pictures("total_variation", pixels)
    sums = np.zeros((3, len(pixels)))
    _sum_variation(np.ascontiguousarray(pixels), sums)
    # A picture one pixel high or wide has no pixel with both neighbours: nothing varies, the sums are 0.
    pixel_count = max(1, (pixels.shape[1] - 1) * (pixels.shape[2] - 1))
    tv, tv_iso, tv_rgb = sums / (pixel_count * np.array([[255_000.0], [255_000.0], [765.0]]))
    return TotalVariation(tv, tv_iso, tv_rgb)


def check_pictures(function: str, pixels: NDArray[np.uint8]) -> None:
    """Refuse what are no pictures, uint8 [N, H, W, 3], in the name of a function that takes them.

    Raises:
        PatternGenError: the array has another shape or type.
    """
    if pixels.ndim != 4 or pixels.shape[3] != 3 or pixels.dtype != np.uint8:
        raise PatternGenError(
            f"{function} takes pictures as uint8 [N, H, W, 3]; got {pixels.dtype} {list(pixels.shape)}"
        )


@kernel
def _luma(row: NDArray[np.uint8], out: NDArray[np.int32]) -> None:
    """Luma of one row, in thousandths of a grey level: exact in integers."""
    for x in range(out.size):
        out[x] = 299 * np.int32(row[3 * x]) + 587 * np.int32(row[3 * x + 1]) + 114 * np.int32(row[3 * x + 2])


@kernel
def _distance(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> int:
    """Return Σ |a − b| of fewer than 2²³ bytes. In 32 bits, compilers know it as one instruction."""
    total = np.int32(0)
    for i in range(a.size):
        step = np.int32(np.int32(a[i]) - np.int32(b[i]))
        total = np.int32(total + (step if step >= 0 else np.int32(-step)))
    return int(total)


@kernel
def _sum_variation(pixels: NDArray[np.uint8], sums: NDArray[np.float64]) -> None:
    """Add up |dx| + |dy| of luma, √(dx² + dy²) of luma, and |dx| + |dy| of channels, in one pass."""
    N, H, W, _ = pixels.shape
    upper, lower = np.empty(W, np.int32), np.empty(W, np.int32)
    for n in range(N):
        rows = pixels[n].reshape(H, W * 3)
        # One sum per column lets the compiler add columns side by side without reordering any float sum.
        columns = np.zeros(W, np.float32)
        luma_sum, luma_iso, channel_sum = np.int64(0), 0.0, 0
        _luma(rows[0], upper)
        for y in range(H - 1):
            row, below = rows[y], rows[y + 1]
            channel_sum += _distance(row[:-3], row[3:]) + _distance(row[:-3], below[:-3])
            _luma(below, lower)
            for x in range(W - 1):
                dx, dy = np.int32(upper[x + 1] - upper[x]), np.int32(lower[x] - upper[x])
                luma_sum += np.int32(abs(dx)) + np.int32(abs(dy))
                fx, fy = np.float32(dx), np.float32(dy)
                columns[x] += np.sqrt(fx * fx + fy * fy)
            upper, lower = lower, upper
            if y % _ROWS == _ROWS - 1 or y == H - 2:
                for x in range(W - 1):
                    luma_iso += np.float64(columns[x])
                    columns[x] = 0.0
        sums[0, n], sums[1, n], sums[2, n] = luma_sum, luma_iso, channel_sum
