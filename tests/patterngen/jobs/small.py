"""A small job, and what it leaves."""

import json

from patterngen.dataset.folder import DatasetFolder
from patterngen.jobs.config import RenderConfig
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec

OF_THE_RUN = ("seconds", "images_per_second", "hostname", "started", "ended")
"""What a marker says of how a shard was drawn: it differs between runs."""


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


def whole(folder):
    """All that a finished dataset is."""
    found = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}
    for name in [name for name in found if name.endswith("_stats.json")]:
        marker = json.loads(found[name])
        found[name] = {key: value for key, value in marker.items() if key not in OF_THE_RUN}
    return found
