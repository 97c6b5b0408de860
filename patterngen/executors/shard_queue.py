"""Which shards wait to be drawn, how often each has failed, and which are given up."""

from collections import Counter, deque
from collections.abc import Iterable

from patterngen.executors.contract import Progress, Tally
from patterngen.retry import FailureKind, Retry


class ShardQueue:
    """The state of a run's shards, for executors that draw several at a time.

    Args:
        shards: to be drawn, in this order.
        progress: told what is done.
        retry: when to give up.
    """

    def __init__(self, shards: Iterable[int], progress: Progress, retry: Retry) -> None:
        self.tally = Tally(progress)
        self.failures: dict[int, str] = {}
        """The shards that were given up, each with its last error."""
        self._waiting = deque(shards)
        self._retry = retry
        self._failed: Counter[int] = Counter()
        self._lost: Counter[int] = Counter()
        self._kinds: dict[int, FailureKind] = {}

    def __bool__(self) -> bool:
        """Whether shards wait."""
        return bool(self._waiting)

    def take(self) -> tuple[int, float]:
        """Return the next shard, and how many seconds to wait before it is drawn."""
        shard = self._waiting.popleft()
        self.tally.begin(shard)
        kind = self._kinds.get(shard, FailureKind.UNKNOWN)
        return shard, self._retry.seconds(kind, self._failed[shard])

    def fail(self, shard: int, error: str, kind: FailureKind) -> None:
        """Count a failed attempt."""
        self._failed[shard] += 1
        self._kinds[shard] = kind
        self._go_on(shard, error, again=self._retry.again(kind, self._failed[shard]))

    def lose(self, shard: int, error: str, most: int) -> None:
        """Count a worker that was lost with a shard, which survives `most` of them."""
        self._lost[shard] += 1
        self._go_on(shard, error, again=self._lost[shard] <= most)

    def _go_on(self, shard: int, error: str, *, again: bool) -> None:
        if again:
            self._waiting.append(shard)
        else:
            self.failures[shard] = error
            self.tally.progress.fail(1)
