"""Pictures drawn while training goes on, as a source: no disk, and none twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from patterngen import RenderJob, stream
from trainer.data.contract import Part, Sample

WINDOW = 16
"""Pictures drawn at once: enough for a family to work in batches, few enough to begin soon."""


@dataclass(frozen=True, kw_only=True)
class Live:
    """The pictures of a job, as its shards hold them before encoding, and on beyond its count.

    Attributes:
        job: what to draw; its folder is not touched.
    """

    job: RenderJob

    @property
    def identity(self) -> str:
        """16 hexadecimal digits of the job's hash."""
        return self.job.job_hash[:16]

    @property
    def count(self) -> int:
        """How many pictures the job asks for; drawing goes on beyond them."""
        return self.job.count

    def check(self, ranks: int, workers: int) -> None:
        """Any number of readers can draw."""

    def samples(self, part: Part, passed: int) -> Iterator[Sample]:
        """Draw the samples of a part for ever, after the first `passed` of them."""
        windows, rest = divmod(passed, WINDOW)
        drawn = stream(self.job, start=windows * part.of, share=part.index, shares=part.of, window=WINDOW)
        for picture in islice(drawn, rest, None):
            yield Sample("drawn live", f"{picture.index:09d}", 0, picture.pixels)
