"""Where shards are drawn: in this process, in several of this machine, or on a Ray cluster.

An executor is given the numbers of the shards that are missing and a function that draws one. It knows
nothing of pictures. It answers with what could not be drawn, and why.
"""

from collections.abc import Mapping, Sequence

from patterngen.executors.contract import Draw, Progress, Report, Silent
from patterngen.executors.local import Pool
from patterngen.executors.ray import RayOptions, draw_on_ray
from patterngen.executors.serial import draw_serially
from patterngen.executors.shard_queue import ShardQueue
from patterngen.retry import Retry

__all__ = ["Draw", "Progress", "RayOptions", "Report", "Silent", "execute"]


def execute(
    shards: Sequence[int],
    draw: Draw,
    *,
    workers: int,
    progress: Progress,
    retry: Retry | None = None,
    ray: RayOptions | None = None,
) -> Mapping[int, str]:
    """Draw shards; return those that failed at every attempt, with their last error.

    Args:
        shards: their numbers.
        draw: draws one.
        workers: processes of this machine.
        progress: told what is done.
        retry: when a shard is given up.
        ray: draws on a Ray cluster instead.

    Raises:
        PatternGenError: what a shard cannot be drawn with in principle; it ends the run at once.
        OSError: as soon as no shard can be written: the disk is full, or the folder is read-only.
    """
    retry = retry or Retry()
    if ray is not None:
        return draw_on_ray(shards, draw, progress, retry, ray)
    if workers == 1 or len(shards) <= 1:
        return draw_serially(shards, draw, progress, retry)
    return Pool(draw, ShardQueue(shards, progress, retry)).run(min(workers, len(shards)))
