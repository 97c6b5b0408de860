"""One dataset: what to draw, which of its shards are missing, and drawing them.

Picture i follows from (master seed, i) alone: its family, by the shares, and its seed. So any shard can
be drawn anywhere, again, at any time, and it is the unit of work, of retry, of resume and of commit.
"""

import hashlib
import json
import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path

from patterngen._version import __version__
from patterngen.classes import CLASSES_FILE, write_classes
from patterngen.config import load_config, to_yaml
from patterngen.dataset import QUARANTINE_FILE, DatasetFolder, Shard, find_shards
from patterngen.draw import image_seed, render_shard
from patterngen.encode import Encoding, Format
from patterngen.errors import PatternGenError, RunFailedError
from patterngen.executors import Progress, Silent, execute
from patterngen.families.shaders import programs_of
from patterngen.files import local_folder, sweep, write_atomic
from patterngen.gl.folder import shader_folder_setting
from patterngen.gl.options import Options
from patterngen.gl.quarantine import mentions, quarantine
from patterngen.kept import PROGRAMS_FOLDER, kept_programs
from patterngen.metrics import TV_DEFINITION
from patterngen.mixture import Mixture, mixture
from patterngen.publish import publish
from patterngen.shard import shard_name

__all__ = ["Plan", "RenderJob", "RenderReport", "image_seed", "plan", "render", "render_shard"]

JOB_FILE = "job.yaml"
MAX_SIZE = 1 << 14
MAX_COUNT = 10**9
MAX_SHARDS = 10**6

OpenProgress = Callable[[int], AbstractContextManager[Progress]]
"""Shows the progress of so many pictures."""


@dataclass(frozen=True, kw_only=True)
class RenderJob:
    """What `render` draws, and how."""

    family: tuple[str, ...]
    """NAME[?setting=value&…][=SHARE]; again for more families. Shares are weights, 1 unless given.
    `smooth:NAME` dials each picture's Total Variation, `mixup:NAME,NAME` mixes pictures."""
    out: str
    """Folder of the dataset. Run again with the same folder to go on where a run stopped."""
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
    workers: int = 1
    """Processes that draw, one shard at a time each."""
    set: tuple[str, ...] = ()
    """FAMILY.setting=value, for each family of that name that does not say otherwise; again for more."""
    shader_dir: str | None = None
    """Draw `shaders` with the programs of this folder: Shadertoy, TwiGL or our own dialect."""
    device: str = "auto"
    """What shader programs draw on: auto, cpu, gpu, or gpu:1 for the second GPU."""
    shader_budget: float | None = None
    """Seconds that a picture of a shader program may take before the program is left out: 3 unless given,
    and more beyond 512² pixels."""
    dry_run: bool = False
    """Only tell what would be drawn."""

    def __post_init__(self) -> None:
        _within("size", self.size, 1, MAX_SIZE)
        _within("count", self.count, 1, MAX_COUNT)
        _within("seed", self.seed, 0, 2**63 - 1)
        _within("samples-per-shard", self.samples_per_shard, 1, MAX_COUNT)
        _within("workers", self.workers, 1, 4096)
        _ = self.encoding, self.drawing  # which check themselves
        if self.num_shards > MAX_SHARDS:
            raise PatternGenError(
                f"{self.num_shards} shards are too many (at most {MAX_SHARDS}): raise --samples-per-shard"
            )

    @property
    def encoding(self) -> Encoding:
        """How pictures are stored."""
        return Encoding(format=self.encode_format, quality=self.encode_quality)

    @property
    def drawing(self) -> Options:
        """How OpenGL draws: nothing of it says what a picture is."""
        folder = local_folder(self.out) if self.out else None
        listed = folder / QUARANTINE_FILE if folder is not None and folder.is_dir() else None
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
            set=(),
            shader_dir=None,
        )

    @property
    def num_shards(self) -> int:
        """How many shards hold `count` pictures."""
        return -(-self.count // self.samples_per_shard)

    @property
    def identity(self) -> dict[str, object]:
        """Everything that decides pixels or layout; the count only says where the dataset ends."""
        return {
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

    def indices(self, shard: int) -> range:
        """Which pictures a shard holds."""
        first = shard * self.samples_per_shard
        return range(first, min(first + self.samples_per_shard, self.count))


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise PatternGenError(f"{name} {value}: give a number from {low} to {high}")


@dataclass(frozen=True)
class Plan:
    """What a job has still to draw."""

    job: RenderJob
    missing: tuple[int, ...]
    """Numbers of the shards that are not whole."""

    @property
    def images(self) -> int:
        """Pictures in the missing shards."""
        return sum(len(self.job.indices(shard)) for shard in self.missing)

    def __str__(self) -> str:
        shares = ", ".join(f"{p.label} {100 * p.share:.3g} %" for p in self.job.mixture.portions)
        return (
            f"{self.job.count} pictures of {self.job.size}² in {self.job.num_shards} shards: {shares}\n"
            f"{len(self.missing)} shards with {self.images} pictures are missing in {self.job.out}"
        )


@dataclass(frozen=True)
class RenderReport:
    """What a run did."""

    plan: Plan
    seconds: float
    drawn: int
    """Pictures drawn by this run."""

    def __str__(self) -> str:
        job = self.plan.job
        if job.dry_run:
            return f"{to_yaml(job.resolved)}{self.plan}"
        if not self.drawn:
            return f"{job.out}: {job.count} pictures, all there already"
        return (
            f"{job.out}: {job.count} pictures in {job.num_shards} shards; drew {self.drawn} in "
            f"{self.seconds:.1f} s, {self.drawn / self.seconds:.0f} images/s"
        )


def plan(job: RenderJob) -> Plan:
    """Compare a job with what its folder holds.

    Raises:
        PatternGenError: the families cannot be made, or the folder holds another job's shards (the
            differing settings are shown), or more pictures than the job asks for.
    """
    folder = local_folder(job.out)
    shards = find_shards(folder) if folder.is_dir() else ()
    _check_same_job(job, folder, {shard.stats.job_hash for shard in shards})
    known = {name: path for p in job.mixture.portions for name, path in programs_of(p.family).items()}
    left_out = quarantine(folder / QUARANTINE_FILE).reasons(known | kept_programs(folder))
    whole = {
        shard.name: shard.count for shard in shards if shard.is_whole and not _draws_with(shard, left_out)
    }
    surplus = set(whole) - {shard_name(shard) for shard in range(job.num_shards)}
    last = shard_name(job.num_shards - 1)
    if surplus or whole.get(last, 0) > len(job.indices(job.num_shards - 1)):
        raise PatternGenError(
            f"{job.out} holds more than {job.count} pictures already: give another --out, or a larger --count"
        )
    return Plan(
        job, tuple(i for i in range(job.num_shards) if whole.get(shard_name(i)) != len(job.indices(i)))
    )


def _draws_with(shard: Shard, programs: Collection[str]) -> bool:
    """Tell whether a shard has pictures of shader programs: of those that were given up only later."""
    return bool(programs) and mentions(shard.manifest(["params"])["params"].to_pylist(), programs)


def render(job: RenderJob, progress: OpenProgress | None = None) -> RenderReport:
    """Draw what is missing of a job, then describe the finished dataset to other tools.

    Args:
        job: what to draw.
        progress: called with the number of pictures to draw; gives the context that shows them.

    Raises:
        PatternGenError: as `plan`; or the folder cannot be written; or a family cannot draw this job.
        RunFailedError: shards failed; the others are whole, and running again draws what is missing.
    """
    planned = plan(job)
    start = time.monotonic()
    if job.dry_run:
        return RenderReport(planned, 0.0, 0)
    folder = local_folder(job.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        if planned.missing:
            write_atomic(folder / JOB_FILE, _job_file(job).encode())
        drawn, left = 0, planned
        # More than once only if a program is given up that pictures were drawn with before.
        while left.missing:
            _draw_missing(left, progress or (lambda _: nullcontext(Silent())))
            drawn, left = drawn + left.images, plan(job)
        if planned.missing or not (folder / CLASSES_FILE).exists():
            write_classes(folder, job.mixture.classes)
        if planned.missing or not (folder / "shards.json").exists():
            publish(DatasetFolder.open(job.out))
    except OSError as error:
        raise PatternGenError(f"{job.out}: {error}; what is drawn stays, run again to go on") from error
    finally:
        if folder.is_dir():
            _sweep(folder)
    return RenderReport(planned, time.monotonic() - start, drawn)


def _sweep(folder: Path) -> None:
    """Remove what runs that died have left."""
    for part in (folder, folder / PROGRAMS_FOLDER):
        sweep(part)


def _draw_missing(planned: Plan, progress: OpenProgress) -> None:
    with progress(planned.images) as shown:
        failures = execute(
            planned.missing, partial(render_shard, planned.job), workers=planned.job.workers, progress=shown
        )
    if failures:
        listed = "".join(f"\n  {shard_name(shard)}: {error}" for shard, error in sorted(failures.items()))
        raise RunFailedError(
            f"{len(failures)} of {len(planned.missing)} shards failed; the others are whole. "
            f"`patterngen render --config {local_folder(planned.job.out) / JOB_FILE}` tries again.{listed}"
        )


def _job_file(job: RenderJob) -> str:
    return f"# patterngen {__version__}\n# tv_definition: {TV_DEFINITION}\n{to_yaml(job.resolved)}"


def _check_same_job(job: RenderJob, folder: Path, hashes: set[str]) -> None:
    """Refuse to mix two jobs in one folder, showing how they differ."""
    if not hashes - {job.job_hash}:
        return
    differences = []
    if (folder / JOB_FILE).exists():
        before, now = load_config(str(folder / JOB_FILE), RenderJob), job.resolved
        differences = [
            f"{name} {old!r} → {new!r}"
            for name in (field.name for field in fields(RenderJob))
            if name not in ("out", "count", "workers", "device", "shader_budget", "dry_run")
            and (old := getattr(before, name)) != (new := getattr(now, name))
        ]
    raise PatternGenError(
        f"{job.out} holds another job's pictures ("
        + ("; ".join(differences) or "drawn by other versions of the families")
        + "): give another --out, or the settings it was begun with"
    )
