"""One job drawn by several processes that do not know of each other: which shards are whose.

Part I of N draws the shards i with i % N == I. A shard's part thus depends on nothing but I and N: not on
what is whole already, which each process sees at another moment, and not on the number of pictures, so that
a dataset that grows is shared as evenly as before. (Blocks of neighbours would all move when it grows.)
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from patterngen.errors import PatternGenError

_SLURM = "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT"
_KUBERNETES = "JOB_COMPLETION_INDEX"
_RANKS = "RANK", "WORLD_SIZE"


@dataclass(frozen=True)
class Part:
    """Some of a job's shards."""

    index: int
    """0 … count − 1."""
    count: int
    """Parts in all."""
    source: str
    """What says so, for people: variables of the environment, or flags."""

    def __post_init__(self) -> None:
        if self.count < 1 or not 0 <= self.index < self.count:
            raise PatternGenError(
                f"part {self.index} of {self.count} ({self.source}): give --shard-count N of at least 1 "
                "and --shard-index 0 … N−1"
            )

    def of(self, shards: Iterable[int]) -> tuple[int, ...]:
        """Return which of some shards this part draws, in their order."""
        return tuple(shard for shard in shards if shard % self.count == self.index)

    @property
    def flags(self) -> str:
        """What to type for this part; nothing where it is everything."""
        return f" --shard-index {self.index} --shard-count {self.count}" if self.count > 1 else ""

    def __str__(self) -> str:
        shards = f"shards {self.index}, {self.index + self.count}, …" if self.count > 1 else "all shards"
        return f"part {self.index} of {self.count} ({self.source}): {shards}"


def part_of(index: int | None, count: int | None, environ: Mapping[str, str] = os.environ) -> Part:
    """Tell which part of a job is this process's.

    Args:
        index: as the user gave it; None asks the environment.
        count: as the user gave it; None asks the environment. With a count alone, only the index comes from
            there, as it stands: Kubernetes tells a pod its index, and nothing tells it of how many.
        environ: variables of a Slurm array, a Kubernetes Indexed Job, or torchrun, in this order.

    Raises:
        PatternGenError: half of what is needed, or an index that is not below the count.
    """
    if index is not None:
        if count is None:
            raise PatternGenError(f"--shard-index {index}: give --shard-count too, how many parts there are")
        return Part(index, count, "--shard-index and --shard-count")
    if count is not None:
        return _counted(count, environ)
    return _slurm(environ) or _kubernetes(environ) or _ranks(environ) or Part(0, 1, "the only one")


def _counted(count: int, environ: Mapping[str, str]) -> Part:
    """Take the index alone from the environment."""
    for name in (_SLURM[0], _KUBERNETES, _RANKS[0]):
        if name in environ:
            return Part(_number(environ, name), count, f"{name} and --shard-count")
    raise PatternGenError(f"--shard-count {count}: give --shard-index too, which of the parts this one is")


def _slurm(environ: Mapping[str, str]) -> Part | None:
    """Read the part of a Slurm array, whose task ids may start at 1 and go in steps."""
    pair = _pair(environ, *_SLURM)
    if pair is None:
        return None
    task, count = pair
    first = _number(environ, "SLURM_ARRAY_TASK_MIN", 0)
    last = _number(environ, "SLURM_ARRAY_TASK_MAX", first + count - 1)
    step = max(1, (last - first) // max(1, count - 1))
    if last != first + (count - 1) * step or (task - first) % step:
        raise PatternGenError(
            f"a Slurm array of {count} tasks from {first} to {last} has gaps, so nothing tells which part is "
            f"task {task}'s: submit the whole array (whole shards are not drawn again), or give --shard-count"
        )
    return Part((task - first) // step, count, " and ".join(_SLURM))


def _kubernetes(environ: Mapping[str, str]) -> Part | None:
    if _KUBERNETES not in environ:
        return None
    raise PatternGenError(
        f"{_KUBERNETES}={environ[_KUBERNETES]} says which part this is, and nothing of how many: give "
        "--shard-count the number of `completions` of the Job"
    )


def _ranks(environ: Mapping[str, str]) -> Part | None:
    pair = _pair(environ, *_RANKS)
    return None if pair is None else Part(*pair, " and ".join(_RANKS))


def _pair(environ: Mapping[str, str], index: str, count: str) -> tuple[int, int] | None:
    """Read two variables; None when neither is set.

    Raises:
        PatternGenError: only one is: every process would then draw everything.
    """
    if index not in environ and count not in environ:
        return None
    for name, other in ((index, count), (count, index)):
        if name not in environ:
            raise PatternGenError(
                f"{other}={environ[other]} is set and {name} is not: set it too, or give --shard-index and "
                "--shard-count (0 and 1 for everything)"
            )
    return _number(environ, index), _number(environ, count)


def _number(environ: Mapping[str, str], name: str, default: int | None = None) -> int:
    text = environ.get(name)
    if text is None and default is not None:
        return default
    if text is None or not text.isdecimal():
        raise PatternGenError(
            f"{name}={text}: expected a whole number; or give --shard-index and --shard-count"
        )
    return int(text)
