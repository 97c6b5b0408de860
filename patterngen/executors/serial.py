"""Drawing shards one after another in this process."""

import time
from collections.abc import Sequence
from itertools import count

from patterngen.executors.contract import Draw, Progress, Tally, error_line
from patterngen.retry import FailureKind, Retry, failure_kind


def draw_serially(shards: Sequence[int], draw: Draw, progress: Progress, retry: Retry) -> dict[int, str]:
    """Draw shards; return those that failed at every attempt, with their last error.

    Raises:
        PatternGenError, OSError: what would meet every other shard too.
    """
    tally, failures = Tally(progress), dict[int, str]()
    for shard in shards:
        for failed in count(1):
            tally.begin(shard)
            try:
                draw(shard, lambda n, shard=shard: tally.advance(shard, n))  # type: ignore[misc]
                break
            except Exception as error:  # a family may raise anything; the other shards go on
                kind = failure_kind(error)
                if kind is FailureKind.FATAL:
                    raise
                if not retry.again(kind, failed):
                    failures[shard] = error_line(error)
                    progress.fail(1)
                    break
                time.sleep(retry.seconds(kind, failed))
    return failures
