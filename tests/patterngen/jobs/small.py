"""A small job, and what it leaves."""

from patterngen.dataset.folder import DatasetFolder
from patterngen.jobs.config import RenderConfig
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec


def spec(**changes) -> DatasetSpec:
    values = {"family": ("dead-leaves-mixed",), "count": 25, "size": 32, "seed": 7, "samples_per_shard": 10}
    return DatasetSpec(**(values | changes))


def job(out, **changes) -> tuple[DatasetSpec, RunOptions]:
    config = RenderConfig(**(vars(spec()) | {"out": str(out)} | changes))
    return config.spec, config.run


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def hashes(folder) -> list[str]:
    return [shard.stats.sha256 for shard in DatasetFolder.open(str(folder)).shards]
