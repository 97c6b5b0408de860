"""What pictures of families are like, in numbers: two folders of programs beside each other, say.

``python benchmarks/picture_statistics.py shaders 'shaders?dir=FOLDER'`` prints a table for each: quantiles
over pictures of every statistic that `STATISTICS` names, and the share of pictures that are grey.
"""

import argparse
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from patterngen import family, spectral_slope, total_variation, zlib_bpp
from patterngen.shaders.curation import LUMA

QUANTILES = (5, 25, 50, 75, 95)
BATCH = 64
DARK = 16
"""A pixel is nearly black when its largest channel is below this, of 255."""
GREY = 0.02
"""A picture is grey when the channels of its pixels lie this far apart in the mean, of 1, or less."""

Pixels = NDArray[np.uint8]
Numbers = NDArray[np.float64]


def luma(pixels: Pixels) -> Numbers:
    """Return the luma of ITU-R BT.601 in [0, 1], float64 [N, H, W]."""
    found: Numbers = pixels @ LUMA / 255
    return found


def near_black(pixels: Pixels) -> Numbers:
    """Return the share of pixels that are nearly black."""
    return np.asarray((pixels.max(3) < DARK).mean((1, 2)))


def chroma(pixels: Pixels) -> Numbers:
    """Return how far the largest channel of a pixel is from the smallest, in the mean."""
    return np.asarray(np.ptp(pixels, axis=3).mean((1, 2)) / 255)


STATISTICS: dict[str, Callable[[Pixels], Numbers]] = {
    "Total Variation": lambda pixels: total_variation(pixels).tv,
    "deviation of luma": lambda pixels: luma(pixels).std((1, 2)),
    "mean luma": lambda pixels: luma(pixels).mean((1, 2)),
    "share of near-black pixels": near_black,
    "chroma": chroma,
    "spectral slope": spectral_slope,
    "zlib, bytes per pixel": zlib_bpp,
}


def measure(spec: str, count: int, size: int) -> dict[str, Numbers]:
    """Draw pictures of seeds from 0 on, and measure each: one number per statistic and picture.

    Where neighbouring seeds share a program or a network, seeds are taken that do not.
    """
    drawer, found = family(spec), {name: list[Numbers]() for name in STATISTICS}
    apart = 32 if drawer.seed_group > 1 else 0
    for start in range(0, count, BATCH):
        seeds = [seed << apart for seed in range(start, min(start + BATCH, count))]
        pixels = drawer.draw(seeds, size).pixels
        for name, statistic in STATISTICS.items():
            found[name].append(statistic(pixels))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def table(spec: str, found: dict[str, Numbers]) -> Iterator[str]:
    """Write the lines of a table in Markdown."""
    yield f"| `{spec}` | mean | {' | '.join(f'{q} %' for q in QUANTILES)} |"
    yield "|---" * (2 + len(QUANTILES)) + "|"
    for name, numbers in found.items():
        row = (numbers.mean(), *np.percentile(numbers, QUANTILES))
        yield f"| {name} | {' | '.join(f'{number:.3f}' for number in row)} |"
    yield f"\nGrey pictures: {(found['chroma'] < GREY).mean():.1%} of {len(found['chroma'])}.\n"


def main() -> None:
    """Print a table for each family."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "family", nargs="+", help="a family with its settings, as `patterngen render` reads it"
    )
    parser.add_argument("--count", type=int, default=1024, help="pictures of each")
    parser.add_argument("--size", type=int, default=256, help="height and width in pixels")
    told = parser.parse_args()
    for spec in told.family:
        print("\n".join(table(spec, measure(spec, told.count, told.size))))


if __name__ == "__main__":
    main()
