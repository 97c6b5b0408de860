"""A small job, and what it leaves."""

from patterngen.dataset import DatasetFolder
from patterngen.jobs.job import RenderJob


def job(out="/nowhere", **changes) -> RenderJob:
    values = {"family": ("dead-leaves-mixed",), "count": 25, "size": 32, "seed": 7, "samples_per_shard": 10}
    return RenderJob(out=str(out), **(values | changes))


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def hashes(folder) -> list[str]:
    return [shard.stats.sha256 for shard in DatasetFolder.open(str(folder)).shards]
