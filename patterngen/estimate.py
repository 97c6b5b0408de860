"""What a job will cost, from drawing a few of its pictures: hours, bytes, images per second."""

import time
from dataclasses import dataclass

from patterngen.draw import draw_pictures, windows
from patterngen.encode import encode
from patterngen.errors import PatternGenError
from patterngen.job import RenderJob
from patterngen.shard import row_json
from patterngen.ustar import member

WARM_UP = 8
"""Pictures drawn before the clock starts: kernels are compiled and programs loaded only once."""


@dataclass(frozen=True, kw_only=True)
class EstimateConfig(RenderJob):
    """A job, and how closely to look at it."""

    out: str = ""
    """Not needed: nothing is written."""
    images: int = 200
    """Pictures to draw for the estimate."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.images < 1:
            raise PatternGenError(f"--images {self.images}: draw at least 1")


@dataclass(frozen=True)
class Estimate:
    """What a job will cost on this machine."""

    job: RenderJob
    measured: int
    """Pictures drawn for it."""
    seconds: float
    """Of one process, for those."""
    bytes: int
    """Of those in their tar."""

    @property
    def images_per_second(self) -> float:
        """Of all worker processes together, each as fast as the one that was measured."""
        return self.job.workers * self.measured / self.seconds

    @property
    def total_seconds(self) -> float:
        """For the whole job."""
        return self.job.count / self.images_per_second

    @property
    def total_bytes(self) -> int:
        """Of all tars."""
        return self.bytes * self.job.count // self.measured

    def to_json(self) -> dict[str, float]:
        """Return the figures by name."""
        return {
            "count": self.job.count,
            "measured": self.measured,
            "images_per_second": round(self.images_per_second, 2),
            "seconds": round(self.total_seconds, 1),
            "bytes": self.total_bytes,
            "shards": self.job.num_shards,
        }

    def __str__(self) -> str:
        processes = f"{self.job.workers} process{'es' if self.job.workers > 1 else ''}"
        return (
            f"{self.job.count} pictures of {self.job.size}²: {_duration(self.total_seconds)}, "
            f"{self.total_bytes / 1e9:.3g} GB in {self.job.num_shards} shards\n"
            f"{self.images_per_second:.4g} images/s with {processes}, "
            f"from {self.measured} pictures drawn by one"
        )


def estimate(job: EstimateConfig) -> Estimate:
    """Draw and encode the first pictures of a job, in this process and to no disk.

    Raises:
        PatternGenError: a family cannot be made or cannot draw this job.
    """
    count = min(job.images, job.count)
    draw_pictures(job, range(min(WARM_UP, job.count)))
    written = 0
    start = time.perf_counter()
    for window in windows(job, range(count)):
        for pixels, row in draw_pictures(job, window):
            parts = (encode(pixels, job.encoding), b"0", row_json(vars(row)).encode())
            written += sum(len(member("name", data)) for data in parts)
    return Estimate(job, count, time.perf_counter() - start, written)


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    days, hours = divmod(hours, 24)
    clock = f"{hours} h {minutes:02d} min" if days or hours else f"{minutes} min"
    return (f"{days} d " if days else "") + clock
