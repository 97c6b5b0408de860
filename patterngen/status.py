"""How far a dataset folder has come: what is whole, what is missing, what a run left behind."""

from dataclasses import dataclass, replace

import tyro

from patterngen.config import load_config
from patterngen.dataset import find_shards
from patterngen.errors import PatternGenError
from patterngen.files import leftovers, local_folder
from patterngen.job import JOB_FILE, Plan, RenderJob, plan


@dataclass(frozen=True, kw_only=True)
class StatusConfig:
    """Which folder to look at."""

    dir: tyro.conf.Positional[str]
    """The dataset folder."""
    json: bool = False
    """Print JSON instead of text."""


@dataclass(frozen=True)
class Status:
    """What a folder holds of its job."""

    plan: Plan
    bytes: int
    """Of the whole shards."""
    seconds: float
    """That drawing them took, of all processes together."""
    begun: int
    """Shards being drawn at this moment, or left by a run that died; the next run removes those."""

    def to_json(self) -> dict[str, object]:
        """Return the figures by name."""
        job = self.plan.job
        return {
            "count": job.count,
            "images": job.count - self.plan.images,
            "shards": job.num_shards,
            "missing": list(self.plan.missing),
            "bytes": self.bytes,
            "seconds": round(self.seconds, 1),
            "begun": self.begun,
        }

    def __str__(self) -> str:
        job = self.plan.job
        done = job.count - self.plan.images
        whole = job.num_shards - len(self.plan.missing)
        share = 100 * done / job.count
        shards = f"{whole} of {job.num_shards} shards, {self.bytes / 1e6:.1f} MB"
        lines = [f"{job.out}: {done} of {job.count} pictures ({share:.1f} %), {shards}"]
        if self.begun:
            lines.append(f"{self.begun} shards are being drawn, or were when a run was killed")
        if self.plan.missing:
            lines.append(f"to go on: patterngen render --config {local_folder(job.out) / JOB_FILE}")
        return "\n".join(lines)


def status(config: StatusConfig) -> Status:
    """Compare a folder with the job that it was begun with.

    Raises:
        PatternGenError: no such folder, or one that `render` did not begin.
    """
    folder = local_folder(config.dir)
    if not (folder / JOB_FILE).is_file():
        raise PatternGenError(f"{config.dir} holds no {JOB_FILE}: it is not a folder that `render` began")
    job = replace(load_config(str(folder / JOB_FILE), RenderJob), out=config.dir)
    shards = [shard for shard in find_shards(folder) if shard.is_whole]
    return Status(
        plan(job),
        sum(shard.stats.bytes for shard in shards),
        sum(shard.stats.seconds for shard in shards),
        sum(path.name.startswith(".train-") for path in leftovers(folder)),
    )
