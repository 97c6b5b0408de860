"""Drawing for training without a disk: the pictures of a dataset, one after another, for ever."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.jobs.draw import draw_pictures
from patterngen.jobs.spec import DatasetSpec
from patterngen.shaders.language.noted import NotedProgram, tell
from patterngen.storage.texts import parse_json


@dataclass(frozen=True)
class Drawn:
    """One picture, drawn but not encoded.

    Attributes:
        index: place in the dataset: the picture of the shards that has the key `index`.
        pixels: uint8 [H, W, 3].
        row: what the manifest says of it, but for its place in a shard.

    Examples:
        >>> from patterngen import DatasetSpec, stream_pictures
        >>> drawn = next(stream_pictures(DatasetSpec(family=("fractal-color",), count=1, size=16)))
        >>> drawn.index, drawn.pixels.shape, drawn.row["family"]
        (0, (16, 16, 3), 'fractal-color')
    """

    index: int
    pixels: NDArray[np.uint8]
    row: Mapping[str, Any]

    @property
    def class_id(self) -> int:
        """Class of the picture, as in the shards."""
        return int(self.row["class_id"])

    @property
    def params(self) -> dict[str, Any]:
        """The parameters that were drawn for it."""
        return dict(parse_json(self.row["params"]))


def stream_pictures(
    spec: DatasetSpec, *, start: int = 0, share: int = 0, shares: int = 1, window: int = 64
) -> Iterator[Drawn]:
    """Draw the pictures of a dataset one after another, without an end.

    They are the pictures of its shards before encoding; beyond its count they are those that a larger
    count would have. Ranks and loader workers share them out: window k goes to share k mod `shares`, so
    that together they draw each picture once.

    Args:
        spec: what to draw. Where it says no `format_version`, it is drawn in the newest: for the pictures of
            a folder of the first, load its ``job.yaml``.
        start: the first window, to go on where an earlier stream stopped: pictures before
            ``start * window`` are left out.
        share: which of the shares to draw: ``rank * workers + worker``.
        shares: how many there are: ``ranks * workers``.
        window: pictures drawn at once.

    Raises:
        PatternGenError: a share that is not one of the shares, or a window below 1.

    Examples:
        >>> from itertools import islice
        >>> from patterngen import DatasetSpec, stream_pictures
        >>> spec = DatasetSpec(family=("perlin",), count=1, size=16)
        >>> [drawn.index for drawn in islice(stream_pictures(spec, window=2), 5)]
        [0, 1, 2, 3, 4]
    """
    if not 0 <= share < shares:
        raise PatternGenError(f"stream_pictures: share {share} of {shares}; give 0 … {shares - 1}")
    if window < 1 or start < 0:
        raise PatternGenError(
            f"stream_pictures: window {window}, start {start}; give 1 or more, and 0 or more"
        )
    first = start + (share - start) % shares
    return _draw(spec, count(first, shares), window)


def _draw(spec: DatasetSpec, numbers: Iterator[int], window: int) -> Iterator[Drawn]:
    told: set[NotedProgram] = set()
    for number in numbers:
        indices = range(number * window, (number + 1) * window)
        drawn = draw_pictures(spec, indices)
        for program in drawn.failed:
            program.warn()
            spec = spec.excluding([program.excluded])
        tell(note for note in drawn.noted if note not in told)
        told.update(drawn.noted)
        for index, (pixels, row) in zip(indices, drawn.pictures, strict=True):
            yield Drawn(index, pixels, asdict(row))
