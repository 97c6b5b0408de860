"""How a dataset is drawn: where to, by how many, on what. Nothing of it changes a picture."""

import shlex
from dataclasses import dataclass, fields
from typing import Literal

from patterngen.dataset.format_version import JOB_FILE
from patterngen.errors import PatternGenError
from patterngen.jobs.partition import Part, part_of
from patterngen.limits import check_range
from patterngen.retry import RETRIES
from patterngen.shaders.render.options import Options
from patterngen.storage.places import place

_OF_ONE_RUN = {"out", "shard_index", "shard_count", "dry_run"}
"""Options that the command which goes on does not repeat, or says in another way."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How `render` draws a dataset: no field decides a picture, and each may differ from run to run.

    Examples:
        >>> from patterngen import RunOptions
        >>> RunOptions(out="data/clouds", workers=4).command
        'patterngen render --config data/clouds/job.yaml --workers 4'
    """

    out: str
    """Folder of the dataset, or a URL: s3://, gs://, hf:// … Run again with the same one to go on where a run
    stopped."""
    workers: int = 1
    """Processes that draw, one shard at a time each; a Ray cluster has its own."""
    executor: Literal["local", "ray"] = "local"
    """Where shards are drawn: by processes of this machine, or on a Ray cluster (extra `ray`)."""
    ray_address: str | None = None
    """The Ray cluster, host:port of its head. Unless given: RAY_ADDRESS, or the one that this machine
    belongs to; where there is none, Ray is started on this machine."""
    ray_gpus: float = 0.0
    """GPUs that a shard takes of the Ray cluster while it is drawn: 0.25 lets four share one."""
    shard_index: int | None = None
    """Draw only part I of the shards, 0 … N − 1, of --shard-count N. Unless given, a Slurm array's
    SLURM_ARRAY_TASK_ID and _COUNT say so, or RANK and WORLD_SIZE."""
    shard_count: int | None = None
    """How many parts there are. Alone, the index comes from SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX or
    RANK as it stands."""
    device: str = "auto"
    """What shader programs draw on: auto, cpu, gpu, or gpu:1 for the second GPU."""
    shader_budget: float | None = None
    """Seconds that a picture of a shader program may take before the program is left out: 3 unless given,
    and more beyond 512² pixels."""
    retries: int = RETRIES
    """How often a shard that failed is tried again before it is given up."""
    scratch: str | None = None
    """Where shards of a remote dataset lie until they are sent: by default the system's temporary folder."""
    dry_run: bool = False
    """Only tell what would be drawn."""

    def __post_init__(self) -> None:
        check_range("workers", self.workers, 1, 4096)
        check_range("retries", self.retries, 0, 100)
        if not 0 <= self.ray_gpus < float("inf") or (self.ray_gpus > 1 and self.ray_gpus % 1):
            raise PatternGenError(f"ray-gpus {self.ray_gpus}: give a share below 1, or whole GPUs")
        if self.executor != "ray" and (self.ray_address is not None or self.ray_gpus):
            given = f"--ray-address {self.ray_address}" if self.ray_address else f"--ray-gpus {self.ray_gpus}"
            raise PatternGenError(f"{given} says nothing to --executor {self.executor}: add --executor ray")
        _ = self.drawing  # which checks itself

    @property
    def part(self) -> Part:
        """Which of the shards this process draws: as the flags say, or else the environment.

        Raises:
            PatternGenError: they say half of it, or what cannot be.
        """
        return part_of(self.shard_index, self.shard_count)

    @property
    def drawing(self) -> Options:
        """How OpenGL draws: nothing of it says what a picture is."""
        return Options(self.device, self.shader_budget)

    @property
    def command(self) -> str:
        """What to type to draw what is missing, in the same way, once the job's file is in its folder."""
        told = {
            field.name.replace("_", "-"): getattr(self, field.name)
            for field in fields(RunOptions)
            if field.name not in _OF_ONE_RUN and getattr(self, field.name) != field.default
        }
        flags = "".join(f" --{name} {shlex.quote(str(value))}" for name, value in told.items())
        return f"patterngen render --config {shlex.quote(str(place(self.out) / JOB_FILE))}{flags}"
