"""What an error means for a run: whether to try again, after which pause, or to give up."""

import errno
import random
from dataclasses import dataclass
from enum import Enum, auto

from patterngen.errors import GaveUpError, PatternGenError

RETRIES = 2
"""How often a shard that failed is tried again unless the user says otherwise."""

_LONGEST_PAUSE = 30.0
_FOR_ALL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}


class FailureKind(Enum):
    """What an error means for the run."""

    FATAL = auto()
    """Every other shard would meet it too: a mistake of the user's, a full disk. The run ends."""
    PERMANENT = auto()
    """The shard was tried often enough; the other shards go on."""
    TRANSIENT = auto()
    """The cause may be gone in a moment: a file server restarts, memory is short."""
    UNKNOWN = auto()
    """Chance, or a family that will raise again, now or later."""


def failure_kind(error: BaseException) -> FailureKind:
    """Tell what an error means for the run."""
    if isinstance(error, GaveUpError):
        return FailureKind.PERMANENT
    if isinstance(error, PatternGenError) or (isinstance(error, OSError) and error.errno in _FOR_ALL):
        return FailureKind.FATAL
    return FailureKind.TRANSIENT if isinstance(error, OSError | MemoryError) else FailureKind.UNKNOWN


@dataclass(frozen=True)
class Retry:
    """How often a shard is tried, and how long to wait for what may pass."""

    retries: int = RETRIES
    """Attempts after the first."""
    pause: float = 1.0
    """Seconds before the first retry; doubled for each after it."""

    def again(self, kind: FailureKind, failed: int) -> bool:
        """Tell whether to try a shard again after so many failed attempts, 1 or more."""
        return kind is not FailureKind.PERMANENT and failed <= self.retries

    def seconds(self, kind: FailureKind, failed: int) -> float:
        """Return how long to wait before that; workers do not wait in step."""
        if kind is not FailureKind.TRANSIENT:
            return 0.0
        longest = min(self.pause * 2.0 ** (failed - 1), _LONGEST_PAUSE)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret, and no picture follows from it
