"""`masked`: the regions of one family's pictures, filled from another's.

Baradad et al., "Separating knowledge and perception with procedural data" (ICML 2025, arXiv 2508.11697):
the colours of a picture are sorted into a few clusters, which cut it into regions, and each region shows a
part of another picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.families import register
from patterngen.families.model.part_seeds import part_seed
from patterngen.families.model.pictures import Param, Pictures, blank
from patterngen.families.model.settings import Range
from patterngen.families.model.wrapper import Wrapper
from patterngen.kernels.jit import kernel
from patterngen.rng import State, below, stream, uniform

_SALT = 0x6D61736B  # the picture that is cut starts its random numbers from the seed itself
SAMPLE = 1024
"""Pixels whose colours are sorted into clusters."""
ROUNDS = 12
"""Times that clusters are improved."""


@register
@dataclass(frozen=True, kw_only=True)
class Masked(Wrapper):
    """Another family's shapes, each filled with a picture of a third, as if cut out of it."""

    name: ClassVar[str] = "masked"
    version: ClassVar[int] = 1
    source: ClassVar[str] = (
        "Baradad et al., Separating Knowledge and Perception with Procedural Data, ICML 2025"
    )
    many: ClassVar[bool] = True

    of: str = "dead-leaves-mixed,fbm"
    """The family whose pictures are cut into regions, and the one that fills them: `masked:ofdb,shaders`."""
    regions_low: Annotated[int, Range(2, 16)] = 2
    """Fewest clusters of colours that a picture is cut by; drawn for each picture."""
    regions_high: Annotated[int, Range(2, 16)] = 4
    """Most clusters of colours."""

    def __post_init__(self) -> None:
        """Check the settings, and that there are two families.

        Raises:
            PatternGenError: as `Family`; or fewer or more families than two.
        """
        super().__post_init__()
        if len(self.parts) != 2:
            raise PatternGenError(
                f"masked:{self.of}: give two families, the one to be cut and the one that fills it, as in "
                "masked:dead-leaves-mixed,fbm"
            )

    @property
    def num_classes(self) -> int:
        """Number of classes of the family that is cut."""
        return self.parts[0].num_classes

    def draw_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Pictures:
        """Draw one picture per seed.

        Its params are ``regions``, how many there are, and ``seed_0`` and so on, of the pictures that fill
        them. (They have 63 bits: manifests give them as texts.) Its class is that of the picture that is cut.
        """
        cut = self.parts[0].draw(seeds, (height, width))
        streams, pixels = blank(seeds, height, width)
        grouped = self.parts[1].seed_group > 1
        counts, fills = _choose(streams, (self.regions_low, self.regions_high), grouped)
        sources, failed, noted = dict(cut.sources), list(cut.failed), list(cut.noted)
        params: list[dict[str, Param]] = []
        for n, count in enumerate(counts.tolist()):
            asked = fills[n, :count].tolist()
            drawn = self.parts[1].draw(asked, (height, width))
            sources |= drawn.sources
            failed += drawn.failed
            noted += drawn.noted
            regions = cut_regions(int(seeds[n]), np.ascontiguousarray(cut.pixels[n]), count)
            _fill(regions, np.ascontiguousarray(drawn.pixels), pixels[n])
            params.append({"regions": count, **{f"seed_{k}": seed for k, seed in enumerate(asked)}})
        return Pictures(pixels, params, cut.class_id, sources, failed, noted)


def cut_regions(seed: int, picture: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    """Cut a picture into regions of similar colours.

    Args:
        seed: of the clusters' beginnings.
        picture: uint8 [H, W, 3].
        count: of clusters, K.

    Returns:
        uint8 [H, W], 0 … K − 1: of each pixel the cluster that most of its 3 × 3 neighbours are nearest to.
    """
    regions = np.empty(picture.shape[:2], np.uint8)
    _cut(np.uint64(seed), picture, count, regions)
    return regions


@kernel
def _choose(
    seeds: NDArray[np.uint64], regions: tuple[int, int], grouped: bool
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Draw how many regions each picture has, [N], and the seeds of what fills them, [N, most]."""
    counts, fills = np.empty(len(seeds), np.int64), np.empty((len(seeds), regions[1]), np.uint64)
    for n in range(len(seeds)):
        s = stream(seeds[n] ^ np.uint64(_SALT))
        counts[n] = regions[0] + below(s, regions[1] - regions[0] + 1)
        for k in range(regions[1]):
            fills[n, k] = part_seed(s, seeds[n], k, grouped)
    return counts, fills


@kernel
def _distances(colour: NDArray[np.float64], pixels: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Fill out [N] with the squared distances of pixels, [3, N], from a colour."""
    red, green, blue = pixels[0], pixels[1], pixels[2]
    for i in range(len(out)):
        x, y, z = colour[0] - red[i], colour[1] - green[i], colour[2] - blue[i]
        out[i] = x * x + y * y + z * z


@kernel
def _nearest(
    colours: NDArray[np.float64],
    pixels: NDArray[np.float64],
    room: NDArray[np.float64],
    out: NDArray[np.uint8],
) -> None:
    """Fill out [N] with the numbers of the colours that pixels, [3, N], are nearest to; room is [2, N]."""
    apart, least = room[0], room[1]
    least[:] = np.inf
    for k in range(len(colours)):
        _distances(colours[k], pixels, apart)
        for i in range(len(out)):
            out[i] = np.uint8(k) if apart[i] < least[i] else out[i]
            least[i] = apart[i] if apart[i] < least[i] else least[i]


@kernel
def _clusters(s: State, sample: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return the middles of clusters of colours, [K, 3], by k-means++ (Arthur & Vassilvitskii, 2007).

    The colours are given as [3, N].
    """
    size = sample.shape[1]
    colours = np.empty((count, 3))
    room, numbers = np.empty((2, size)), np.empty(size, np.uint8)
    apart = np.full(size, np.inf)
    chosen = below(s, size)
    for k in range(count):
        for channel in range(3):
            colours[k, channel] = sample[channel, chosen]
        _distances(colours[k], sample, room[0])
        total = 0.0
        for i in range(size):
            apart[i] = min(apart[i], room[0, i])
            total += apart[i]
        left = uniform(s, 0.0, total)
        chosen = 0
        while chosen < size - 1 and left >= apart[chosen]:
            left -= apart[chosen]
            chosen += 1
    for _ in range(ROUNDS):
        sums, members = np.zeros((count, 3)), np.zeros(count)
        _nearest(colours, sample, room, numbers)
        for i in range(size):
            k = numbers[i]
            members[k] += 1.0
            for channel in range(3):
                sums[k, channel] += sample[channel, i]
        for k in range(count):
            for channel in range(3):
                if members[k] > 0.0:
                    colours[k, channel] = sums[k, channel] / members[k]
    return colours


@kernel
def _vote(nearest: NDArray[np.uint8], count: int, regions: NDArray[np.uint8]) -> None:
    """Fill regions [H, W] with the cluster of most of a pixel's neighbours: its own, or else the first."""
    height, width = regions.shape
    columns, best = np.zeros(width + 2, np.uint8), np.empty(width, np.uint8)
    for row in range(height):
        best[:] = 0
        own, out = nearest[row], regions[row]
        for k in range(count):
            for c in range(width):
                columns[c + 1] = own[c] == k
            for r in range(max(row - 1, 0), min(row + 2, height), 2 if 0 < row < height - 1 else 1):
                if r != row:
                    line = nearest[r]
                    for c in range(width):
                        columns[c + 1] += np.uint8(line[c] == k)
            for c in range(width):
                votes = np.uint8(columns[c] + columns[c + 1] + columns[c + 2])
                votes = np.uint8(2 * votes + np.uint8(own[c] == k))
                out[c] = np.uint8(k) if votes > best[c] else out[c]
                best[c] = votes if votes > best[c] else best[c]


@kernel
def _cut(seed: np.uint64, picture: NDArray[np.uint8], count: int, regions: NDArray[np.uint8]) -> None:
    height, width = regions.shape
    s = stream(seed ^ np.uint64(_SALT + 1))
    sample = np.empty((3, SAMPLE))
    for i in range(SAMPLE):
        pixel = picture[below(s, height), below(s, width)]
        for channel in range(3):
            sample[channel, i] = pixel[channel]
    colours = _clusters(s, sample, count)
    nearest = np.empty((height, width), np.uint8)
    line, room = np.empty((3, width)), np.empty((2, width))
    for row in range(height):
        for column in range(width):
            for channel in range(3):
                line[channel, column] = picture[row, column, channel]
        _nearest(colours, line, room, nearest[row])
    _vote(nearest, count, regions)


@kernel
def _fill(regions: NDArray[np.uint8], pictures: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Take each pixel, [H, W, 3], of that of the pictures [K, H, W, 3] whose number its region is."""
    height, width = regions.shape
    for row in range(height):
        for column in range(width):
            k = regions[row, column]
            for channel in range(3):
                out[row, column, channel] = pictures[k, row, column, channel]
