"""How far a dataset folder has come: what is whole, missing or failed, and what a run left behind."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

import tyro

from patterngen.common.config import load_config
from patterngen.dataset.folder import find_shards
from patterngen.dataset.format_version import JOB_FILE, exact
from patterngen.dataset.marker import shard_name
from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.jobs.config import RenderConfig
from patterngen.jobs.failures import remembered
from patterngen.jobs.plan import Plan, plan
from patterngen.jobs.run_options import RunOptions
from patterngen.sizes import shown
from patterngen.storage.files import leftovers
from patterngen.storage.places import place


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
    """Bytes of the whole shards."""
    seconds: float
    """Seconds that drawing the whole shards took, of all processes together."""
    begun: int
    """Shards being drawn at this moment, or left by a run that died; the next run removes those."""
    failed: Mapping[str, str]
    """Missing shards that the last run to try them gave up, by name, with their errors."""
    command: str
    """What draws the rest."""

    @property
    def images(self) -> int:
        """Pictures in whole shards."""
        return self.plan.spec.count - self.plan.images

    @property
    def images_per_second(self) -> float:
        """Speed of one process, on average over the whole shards; 0 if there are none."""
        return self.images / self.seconds if self.seconds else 0.0

    def to_json(self) -> dict[str, object]:
        """Return the figures by name."""
        spec = self.plan.spec
        return {
            "families": [portion.text for portion in spec.mixture.portions],
            "size": spec.size,
            "seed": exact(spec.seed),
            "format_version": spec.version,
            "job_hash": spec.job_hash,
            "count": spec.count,
            "images": self.images,
            "shards": spec.num_shards,
            "missing": list(self.plan.missing),
            "failed": dict(self.failed),
            "begun": self.begun,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 1),
            "images_per_second": round(self.images_per_second, 1),
            "command": self.command if self.plan.missing else None,
        }

    def __str__(self) -> str:
        spec = self.plan.spec
        whole = spec.num_shards - len(self.plan.missing)
        share = 100 * self.images / spec.count
        shares = ", ".join(f"{p.label} {100 * p.share:.3g} %" for p in spec.mixture.portions)
        shards = f"{whole} of {spec.num_shards} shards, {self.bytes / 1e6:.1f} MB"
        lines = [
            f"{visible(self.plan.out)}: {self.images} of {spec.count} pictures ({share:.1f} %), {shards}",
            f"{shares}; {shown(*spec.shape)}, {spec.encode_format}, seed {spec.seed}",
        ]
        if whole:
            lines.append(f"{self.images_per_second:.4g} images/s were drawn by each process")
        if self.begun:
            lines.append(f"{self.begun} shards are being drawn, or were when a run was killed")
        if self.failed:
            lines.append(f"{len(self.failed)} shards failed:")
            lines += [f"  {name}: {visible(error)}" for name, error in self.failed.items()]
        if self.plan.missing:
            lines.append(f"{len(self.plan.missing)} shards are missing; to go on: {visible(self.command)}")
        return "\n".join(lines)


def status(config: StatusConfig) -> Status:
    """Compare a folder with the job that it was begun with.

    Raises:
        PatternGenError: no such folder, or one that `render` did not begin.
    """
    folder = place(config.dir)
    if not (folder / JOB_FILE).is_file():
        raise PatternGenError(f"{config.dir} holds no {JOB_FILE}: it is not a folder that `render` began")
    begun_with = load_config(str(folder / JOB_FILE), RenderConfig)
    # A folder that was moved since, or is looked at from elsewhere.
    moved = "" if begun_with.out == config.dir else f" --out {shlex.quote(config.dir)}"
    planned = plan(begun_with.spec, config.dir)
    missing = {shard_name(shard) for shard in planned.missing}
    shards = [shard for shard in find_shards(folder) if shard.name not in missing]
    return Status(
        planned,
        sum(shard.stats.bytes for shard in shards),
        sum(shard.stats.seconds for shard in shards),
        sum(path.name.startswith(".train-") and ".tar" in path.name for path in leftovers(folder)),
        {name: error for name, error in remembered(folder).items() if name in missing},
        f"{RunOptions(out=config.dir).command}{moved}",
    )
