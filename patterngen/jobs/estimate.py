"""What a dataset will cost, from drawing a few of its pictures: hours, bytes, images per second."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from patterngen.dataset.shard import row_json
from patterngen.dataset.tar import member
from patterngen.encode import encode
from patterngen.jobs.config import RenderConfig, in_order
from patterngen.jobs.draw import draw_pictures, windows
from patterngen.jobs.kernel_build import prepare
from patterngen.jobs.seeds import portion_and_seed
from patterngen.jobs.spec import DatasetSpec
from patterngen.limits import MAX_COUNT, check_range
from patterngen.sizes import shown

WARM_UP = 8
"""Pictures drawn before the clock starts: kernels are compiled and programs loaded only once."""
LEAST = 8
"""Pictures of each family, however small its share."""
_FAR = 100_000


@in_order
@dataclass(frozen=True, kw_only=True)
class EstimateConfig(RenderConfig):
    """What to draw and how, and how closely to look at it."""

    out: str = ""
    """Folder of the dataset, which need not be named: nothing is written."""
    sample: int = 200
    """How many of its pictures to draw for the estimate; a few more if some families have small shares."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("sample", self.sample, 1, MAX_COUNT)


@dataclass(frozen=True)
class Estimate:
    """What a dataset will cost on this machine."""

    spec: DatasetSpec
    workers: int
    """Processes that are to draw."""
    measured: int
    """Pictures drawn for it."""
    seconds: float
    """Seconds that one process took for those."""
    bytes: int
    """Bytes of those in their tar."""

    @property
    def images_per_second(self) -> float:
        """Speed of all worker processes together, each as fast as the one that was measured."""
        return self.workers * self.measured / self.seconds

    @property
    def total_seconds(self) -> float:
        """Seconds for the whole dataset."""
        return self.spec.count / self.images_per_second

    @property
    def total_bytes(self) -> int:
        """Bytes of all tars."""
        return self.bytes * self.spec.count // self.measured

    def to_json(self) -> dict[str, float]:
        """Return the figures by name."""
        return {
            "count": self.spec.count,
            "measured": self.measured,
            "images_per_second": round(self.images_per_second, 2),
            "seconds": round(self.total_seconds, 1),
            "bytes": self.total_bytes,
            "shards": self.spec.num_shards,
        }

    def __str__(self) -> str:
        processes = f"{self.workers} process{'es' if self.workers > 1 else ''}"
        return (
            f"{self.spec.count} pictures of {shown(*self.spec.shape)}: {_duration(self.total_seconds)}, "
            f"{self.total_bytes / 1e9:.3g} GB in {self.spec.num_shards} shards\n"
            f"{self.images_per_second:.4g} images/s with {processes}, "
            f"from {self.measured} pictures drawn by one"
        )


def estimate(spec: DatasetSpec, *, workers: int = 1, sample: int = 200) -> Estimate:
    """Draw and encode some pictures of a dataset, in this process and to no disk.

    They are its first ones and, of families with a small share, a few more: a family that is rare but slow
    would else be missed, or be counted by chance. Each family then counts by its share.

    Args:
        spec: the dataset.
        workers: how many processes are to draw it, each as fast as this one.
        sample: pictures to draw; a few more if some families have small shares.

    Raises:
        PatternGenError: a family cannot be made or cannot draw that size.

    Examples:
        >>> from patterngen import DatasetSpec, estimate
        >>> found = estimate(DatasetSpec(family=("perlin",), count=10**6, size=16), workers=8, sample=16)
        >>> found.measured, found.total_bytes > 10**8
        (16, True)
    """
    prepare([portion.family for portion in spec.mixture.portions])
    groups = _sample(spec, sample)
    measured = sum(map(len, groups.values()))
    shares = [p.share for p in spec.mixture.portions]
    whole = sum(shares[choice] for choice in groups)
    seconds = size = 0.0
    for choice, indices in groups.items():
        weight = len(indices) / measured if measured == spec.count else shares[choice] / whole
        draw_pictures(spec, indices[:WARM_UP])
        start = time.perf_counter()
        written = sum(
            _written(spec, indices[window.start : window.stop])
            for window in windows(spec, range(len(indices)))
        )
        seconds += weight * (time.perf_counter() - start) * measured / len(indices)
        size += weight * written * measured / len(indices)
    return Estimate(spec, workers, measured, seconds, round(size))


def _sample(spec: DatasetSpec, most: int) -> dict[int, list[int]]:
    """Choose pictures by the portion of the mixture that draws them."""
    count = min(most, spec.count)
    groups: dict[int, list[int]] = {}
    for index in range(count):
        groups.setdefault(portion_and_seed(spec, index)[0], []).append(index)
    least = min(LEAST, most)
    for index in range(count, min(spec.count, count + _FAR)):
        if len(groups) == len(spec.mixture.portions) and min(map(len, groups.values())) >= least:
            break
        group = groups.setdefault(portion_and_seed(spec, index)[0], [])
        if len(group) < least:
            group.append(index)
    return groups


def _written(spec: DatasetSpec, indices: Sequence[int]) -> int:
    """Draw and encode some pictures; return how many bytes they take in their tar."""
    written = 0
    for pixels, row in draw_pictures(spec, indices).pictures:
        parts = (encode(pixels, spec.encoding), b"0", row_json(vars(row)).encode())
        written += sum(len(part) for data in parts for part in member("name", data))
    return written


def bytes_per_picture(spec: DatasetSpec) -> float:
    """Draw 16 pictures of a dataset and return how many bytes one takes in its tar, on average."""
    measured = estimate(spec, sample=16)
    return measured.bytes / measured.measured


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    days, hours = divmod(hours, 24)
    clock = f"{hours} h {minutes:02d} min" if days or hours else f"{minutes} min"
    return (f"{days} d " if days else "") + clock
