"""Pictures drawn while training goes on, as a source: no disk, and none twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from patterngen import DatasetSpec, Drawn, Family, stream_pictures
from trainer.data.contract import Reader, Sample

WINDOW = 16
"""Pictures drawn at once: enough for a family to work in batches, few enough to begin soon."""


@dataclass(frozen=True, kw_only=True)
class Live:
    """The pictures of a dataset, as its shards hold them before encoding, and on beyond its count.

    Attributes:
        spec: what to draw.
        rolls: whether their piano rolls are wanted too.
    """

    spec: DatasetSpec
    rolls: bool = False

    @property
    def identity(self) -> str:
        """16 hexadecimal digits of the definition's hash."""
        return self.spec.job_hash[:16]

    @property
    def count(self) -> int:
        """How many pictures are asked for; drawing goes on beyond them."""
        return self.spec.count

    @property
    def num_classes(self) -> int:
        """Number of classes of all families together."""
        return self.spec.mixture.num_classes

    def check(self, ranks: int, workers: int) -> None:
        """Any number of readers can draw."""

    def samples(self, reader: Reader, passed: int) -> Iterator[Sample]:
        """Draw the samples of a reader for ever, after the first `passed` of them."""
        windows, rest = divmod(passed, WINDOW)
        start = windows * reader.count
        drawn = stream_pictures(
            self.spec, start=start, share=reader.index, shares=reader.count, window=WINDOW
        )
        for picture in islice(drawn, rest, None):
            roll = self._roll(picture) if self.rolls else None
            yield Sample("drawn live", f"{picture.index:09d}", 0, picture.pixels, picture.class_id, roll)

    def _roll(self, picture: Drawn) -> NDArray[np.float32]:
        families = {portion.label: portion.family for portion in self.spec.mixture.portions}
        family: Family = families[picture.row["family"]]
        height, width = picture.pixels.shape[:2]
        rolls: NDArray[np.float32] = family.piano_roll([picture.row["seed"]], (height, width))
        return np.ascontiguousarray(rolls[0])
