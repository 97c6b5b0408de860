"""Pictures drawn while training goes on, as a source: no disk, and none twice."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

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
        views: whether two views of each scene are, instead of the picture itself; see `Family.draw_views`.
    """

    spec: DatasetSpec
    rolls: bool = False
    views: bool = False

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
            sample = Sample("drawn live", f"{picture.index:09d}", 0, picture.pixels, picture.class_id)
            yield self._with_more(sample, picture) if self.rolls or self.views else sample

    def _with_more(self, sample: Sample, picture: Drawn) -> Sample:
        """Draw what else is wanted of a picture's seed."""
        families = {portion.label: portion.family for portion in self.spec.mixture.portions}
        family: Family = families[picture.row["family"]]
        seeds, size = [picture.row["seed"]], self.spec.shape
        if self.rolls:
            sample = replace(sample, roll=np.ascontiguousarray(family.piano_roll(seeds, size)[0]))
        if self.views:
            first, second = family.draw_views(seeds, size)
            sample = replace(sample, content=first.pixels[0], view=second.pixels[0])
        return sample
