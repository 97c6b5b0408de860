"""A job: what to draw, and how; nothing of what has been drawn already.

Picture i follows from (master seed, i) alone: its family, by the shares, and its seed. So any shard can
be drawn anywhere, again, at any time, and it is the unit of work, of retry, of resume and of commit.
"""

import contextlib
import hashlib
import importlib
import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from patterngen.config import to_yaml
from patterngen.dataset import QUARANTINE_FILE
from patterngen.encode import Encoding, Format
from patterngen.errors import PatternGenError
from patterngen.executors import RETRIES
from patterngen.families import origins
from patterngen.format_version import FIRST, JOB_FILE, KEY, NEWEST, version_in
from patterngen.gl.folder import shader_folder_setting
from patterngen.gl.options import Options
from patterngen.jobs.mixture import Mixture, mixture
from patterngen.jobs.partition import Part, part_of
from patterngen.storage.places import place

MAX_SIZE = 1 << 14
MAX_COUNT = 10**9
MAX_SHARDS = 10**6

_ALWAYS_WRITTEN = {"family", "out", "count", "size", "seed", "samples_per_shard", "workers", "dry_run"}
"""Settings that every ``job.yaml`` of `render` has had; who writes one by hand leaves some of them out."""


@dataclass(frozen=True, kw_only=True)
class RenderJob:
    """What `render` draws, and how."""

    family: tuple[str, ...]
    """NAME[?setting=value&…][=SHARE]; again for more families. Shares are weights, 1 unless given.
    `smooth:NAME` dials each picture's Total Variation, `mixup:NAME,NAME` mixes pictures."""
    out: str
    """Folder of the dataset, or a URL: s3://, gs://, hf:// … Run again with the same one to go on where a run
    stopped."""
    count: int
    """How many pictures. A larger count extends a dataset."""
    size: int = 256
    """Height and width in pixels."""
    seed: int = 0
    """Master seed: everything drawn follows from it."""
    encode_format: Format = "jpg"
    """How pictures are stored."""
    encode_quality: int = 95
    """1 … 100, of jpg and webp."""
    samples_per_shard: int = 10_000
    """Pictures in every shard but the last."""
    format_version: int | None = None
    """Format of the dataset folder, which decides the seeds of its pictures: 2, whose seeds every JSON reader
    keeps, or 1, to draw what was drawn before there was a second. Unless given, the folder's own, or 2."""
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
    set: tuple[str, ...] = ()
    """FAMILY.setting=value, for each family of that name that does not say otherwise; again for more."""
    shader_dir: str | None = None
    """Draw `shaders` with the programs of this folder: Shadertoy, TwiGL or our own dialect."""
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
        _within("size", self.size, 1, MAX_SIZE)
        _within("count", self.count, 1, MAX_COUNT)
        _within("seed", self.seed, 0, 2**63 - 1)
        _within("samples-per-shard", self.samples_per_shard, 1, MAX_COUNT)
        _within("format-version", self.version, FIRST, NEWEST)
        _within("workers", self.workers, 1, 4096)
        _within("retries", self.retries, 0, 100)
        self._check_ray()
        _ = self.encoding, self.drawing  # which check themselves
        if self.num_shards > MAX_SHARDS:
            raise PatternGenError(
                f"{self.num_shards} shards are too many (at most {MAX_SHARDS}): raise --samples-per-shard"
            )

    def _check_ray(self) -> None:
        if not 0 <= self.ray_gpus < float("inf") or (self.ray_gpus > 1 and self.ray_gpus % 1):
            raise PatternGenError(f"ray-gpus {self.ray_gpus}: give a share below 1, or whole GPUs")
        if self.executor != "ray" and (self.ray_address is not None or self.ray_gpus):
            given = f"--ray-address {self.ray_address}" if self.ray_address else f"--ray-gpus {self.ray_gpus}"
            raise PatternGenError(f"{given} says nothing to --executor {self.executor}: add --executor ray")

    @classmethod
    def adapted(cls, values: Mapping[str, Any], path: object) -> Mapping[str, Any]:
        """Say what a file of settings means: one that `render` wrote before format 2 is of format 1.

        Raises:
            PatternGenError: it is of a newer format.
        """
        if KEY not in values:
            return {**values, KEY: FIRST} if values.keys() >= _ALWAYS_WRITTEN else values
        if type(values[KEY]) is int and values[KEY] > NEWEST:
            version_in(values, path)  # refuses it, whatever else it may hold
        return values

    @property
    def version(self) -> int:
        """Of the format in which it is drawn; of a folder that was begun already, `plan` sets it."""
        return NEWEST if self.format_version is None else self.format_version

    @property
    def versions(self) -> "tuple[RenderJob, ...]":
        """The job in each format that it can be of, the newest first; one, if it says which."""
        chosen = range(NEWEST, FIRST - 1, -1) if self.format_version is None else (self.format_version,)
        return tuple(replace(self, format_version=version) for version in chosen)

    @property
    def part(self) -> Part:
        """Which of the shards this process draws: as the flags say, or else the environment.

        Raises:
            PatternGenError: they say half of it, or what cannot be.
        """
        return part_of(self.shard_index, self.shard_count)

    @property
    def encoding(self) -> Encoding:
        """How pictures are stored."""
        return Encoding(format=self.encode_format, quality=self.encode_quality)

    @property
    def drawing(self) -> Options:
        """How OpenGL draws: nothing of it says what a picture is."""
        folder = place(self.out) if self.out else None
        # Of a remote dataset, shards are drawn in a local folder, whose list this is then.
        listed = folder / QUARANTINE_FILE if isinstance(folder, Path) and folder.is_dir() else None
        return Options(self.device, self.shader_budget, listed)

    @property
    def mixture(self) -> Mixture:
        """The families and their shares."""
        return mixture(tuple(self.family), (*self.set, *shader_folder_setting(self.shader_dir)))

    @property
    def resolved(self) -> "RenderJob":
        """The same job with every setting in its family's text."""
        return replace(
            self,
            family=tuple(portion.text for portion in self.mixture.portions),
            format_version=self.version,
            set=(),
            shader_dir=None,
            shard_index=None,
            shard_count=None,
        )

    @property
    def file(self) -> str:
        """The text of its job file, which says the version from the second one on, as markers do."""
        return to_yaml(self.resolved, without={KEY} if self.version == FIRST else ())

    @property
    def num_shards(self) -> int:
        """How many shards hold `count` pictures."""
        return -(-self.count // self.samples_per_shard)

    @property
    def identity(self) -> dict[str, object]:
        """Everything that decides pixels or layout; the count only says where the dataset ends."""
        return {
            **({} if self.version == FIRST else {KEY: self.version}),
            "families": [portion.identity for portion in self.mixture.portions],
            "size": self.size,
            "seed": self.seed,
            "encode_format": self.encode_format,
            "encode_quality": None if self.encode_format == "png" else self.encode_quality,
            "samples_per_shard": self.samples_per_shard,
        }

    @property
    def job_hash(self) -> str:
        """SHA-256 of `identity`: equal for jobs that draw equal shards, whatever workers and folder."""
        return hashlib.sha256(json.dumps(self.identity, sort_keys=True).encode()).hexdigest()

    @property
    def command(self) -> str:
        """What to type to draw what is missing, once the job's file is in its folder."""
        return f"patterngen render --config {shlex.quote(str(place(self.out) / JOB_FILE))}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the modules that define its families: another process has not imported them."""
        return _restored, (origins(self.family), type(self), vars(self))

    def indices(self, shard: int) -> range:
        """Which pictures a shard holds."""
        first = shard * self.samples_per_shard
        return range(first, min(first + self.samples_per_shard, self.count))


def _restored(modules: Iterable[str], cls: type[RenderJob], values: Mapping[str, object]) -> RenderJob:
    for module in modules:
        with contextlib.suppress(ImportError):  # said where it is drawn: no such family
            importlib.import_module(module)
    job = object.__new__(cls)
    vars(job).update(values)
    return job


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise PatternGenError(f"{name} {value}: give a number from {low} to {high}")
