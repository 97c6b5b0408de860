"""One job done by several processes that do not know of each other: which of its numbered pieces are whose.

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
    """Some of a job's numbered pieces, which are shards where nothing else is said."""

    index: int
    """0 … count − 1."""
    count: int
    """Parts in all."""
    source: str
    """What says so, for people: variables of the environment, or flags."""
    flag: str = "shard-"
    """Beginning of the names of the flags that say the same: --shard-index."""

    def __post_init__(self) -> None:
        if self.count < 1 or not 0 <= self.index < self.count:
            raise PatternGenError(
                f"part {self.index} of {self.count} ({self.source}): give --{self.flag}count N of at least 1 "
                f"and --{self.flag}index 0 … N−1"
            )

    def of(self, shards: Iterable[int]) -> tuple[int, ...]:
        """Return which of some shards are this part's, in their order."""
        return tuple(shard for shard in shards if shard % self.count == self.index)

    @property
    def flags(self) -> str:
        """What to type for this part; nothing where it is everything."""
        return f" --{self.flag}index {self.index} --{self.flag}count {self.count}" if self.count > 1 else ""

    def __str__(self) -> str:
        shards = f"shards {self.index}, {self.index + self.count}, …" if self.count > 1 else "all shards"
        return f"part {self.index} of {self.count} ({self.source}): {shards}"


def part_of(
    index: int | None, count: int | None, environ: Mapping[str, str] = os.environ, *, flag: str = "shard-"
) -> Part:
    """Tell which part of a job is this process's.

    Args:
        index: as the user gave it; None asks the environment.
        count: as the user gave it; None asks the environment. With a count alone, only the index comes from
            there, as it stands: Kubernetes tells a pod its index, and nothing tells it of how many.
        environ: variables of a Slurm array, a Kubernetes Indexed Job, or torchrun, in this order.
        flag: beginning of the names of the flags that the index and the count come from, for messages.

    Raises:
        PatternGenError: half of what is needed, or an index that is not below the count.
    """
    if index is not None:
        if count is None:
            raise PatternGenError(f"--{flag}index {index}: give --{flag}count too, how many parts there are")
        return Part(index, count, f"--{flag}index and --{flag}count", flag)
    if count is not None:
        return _counted(count, environ, flag)
    found = _slurm(environ, flag) or _kubernetes(environ, flag) or _ranks(environ, flag)
    return found or Part(0, 1, "the only one", flag)


def _counted(count: int, environ: Mapping[str, str], flag: str) -> Part:
    """Take the index alone from the environment."""
    for name in (_SLURM[0], _KUBERNETES, _RANKS[0]):
        if name in environ:
            return Part(_number(environ, name, flag), count, f"{name} and --{flag}count", flag)
    raise PatternGenError(f"--{flag}count {count}: give --{flag}index too, which of the parts this one is")


def _slurm(environ: Mapping[str, str], flag: str) -> Part | None:
    """Read the part of a Slurm array, whose task ids may start at 1 and go in steps."""
    pair = _pair(environ, *_SLURM, flag)
    if pair is None:
        return None
    task, count = pair
    first = _number(environ, "SLURM_ARRAY_TASK_MIN", flag, 0)
    last = _number(environ, "SLURM_ARRAY_TASK_MAX", flag, first + count - 1)
    step = max(1, (last - first) // max(1, count - 1))
    if last != first + (count - 1) * step or (task - first) % step:
        raise PatternGenError(
            f"a Slurm array of {count} tasks from {first} to {last} has gaps, so nothing tells which part is "
            f"task {task}'s: submit the whole array (what is whole is not made again), or give --{flag}count"
        )
    return Part((task - first) // step, count, " and ".join(_SLURM), flag)


def _kubernetes(environ: Mapping[str, str], flag: str) -> Part | None:
    if _KUBERNETES not in environ:
        return None
    raise PatternGenError(
        f"{_KUBERNETES}={environ[_KUBERNETES]} says which part this is, and nothing of how many: give "
        f"--{flag}count the number of `completions` of the Job"
    )


def _ranks(environ: Mapping[str, str], flag: str) -> Part | None:
    pair = _pair(environ, *_RANKS, flag)
    return None if pair is None else Part(*pair, " and ".join(_RANKS), flag)


def _pair(environ: Mapping[str, str], index: str, count: str, flag: str) -> tuple[int, int] | None:
    """Read two variables; None when neither is set.

    Raises:
        PatternGenError: only one is: every process would then draw everything.
    """
    if index not in environ and count not in environ:
        return None
    for name, other in ((index, count), (count, index)):
        if name not in environ:
            raise PatternGenError(
                f"{other}={environ[other]} is set and {name} is not: set it too, or give --{flag}index and "
                f"--{flag}count (0 and 1 for everything)"
            )
    return _number(environ, index, flag), _number(environ, count, flag)


def _number(environ: Mapping[str, str], name: str, flag: str, default: int | None = None) -> int:
    text = environ.get(name)
    if text is None and default is not None:
        return default
    if text is None or not text.isdecimal():
        raise PatternGenError(
            f"{name}={text}: expected a whole number; or give --{flag}index and --{flag}count"
        )
    return int(text)
