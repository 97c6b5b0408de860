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


class Verdict(Enum):
    """What an error means for the run."""

    END = auto()
    """Every other shard would meet it too: a mistake of the user's, a full disk. The run ends."""
    GIVE_UP = auto()
    """The shard was tried often enough; the other shards go on."""
    WAIT = auto()
    """The cause may be gone in a moment: a file server restarts, memory is short."""
    AGAIN = auto()
    """Chance, or a family that will raise again, now or later."""


def judge(error: BaseException) -> Verdict:
    """Tell what an error means for the run."""
    if isinstance(error, GaveUpError):
        return Verdict.GIVE_UP
    if isinstance(error, PatternGenError) or (isinstance(error, OSError) and error.errno in _FOR_ALL):
        return Verdict.END
    return Verdict.WAIT if isinstance(error, OSError | MemoryError) else Verdict.AGAIN


@dataclass(frozen=True)
class Retry:
    """How often a shard is tried, and how long to wait for what may pass."""

    retries: int = RETRIES
    """Attempts after the first."""
    pause: float = 1.0
    """Seconds before the first retry; doubled for each after it."""

    def again(self, verdict: Verdict, failed: int) -> bool:
        """Tell whether to try a shard again after so many failed attempts, 1 or more."""
        return verdict is not Verdict.GIVE_UP and failed <= self.retries

    def seconds(self, verdict: Verdict, failed: int) -> float:
        """Return how long to wait before that; workers do not wait in step."""
        if verdict is not Verdict.WAIT:
            return 0.0
        longest = min(self.pause * 2.0 ** (failed - 1), _LONGEST_PAUSE)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret, and no picture follows from it
