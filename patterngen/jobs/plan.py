"""What a job has still to draw: the job compared with what its folder holds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace

from patterngen.config import load_config
from patterngen.dataset import QUARANTINE_FILE, find_shards
from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.families.shaders import programs_of
from patterngen.format_version import JOB_FILE, NEWEST, begun_in
from patterngen.gl.quarantine import mentions, quarantine
from patterngen.jobs.inventory import Entry, inventory
from patterngen.jobs.job import RenderJob
from patterngen.jobs.partition import Part
from patterngen.kept import kept_programs
from patterngen.shard import shard_name
from patterngen.storage.places import Place, place
from patterngen.storage.staging import nearby

_OF_NO_PICTURE = {
    *("out", "count", "workers", "device", "shader_budget", "retries", "scratch", "dry_run"),
    *("executor", "ray_address", "ray_gpus", "shard_index", "shard_count"),
}
"""Fields of a job that may differ from run to run."""


@dataclass(frozen=True)
class Plan:
    """What a job has still to draw."""

    job: RenderJob
    """With the format version of its folder."""
    missing: tuple[int, ...]
    """Numbers of the shards that are not whole."""

    @property
    def images(self) -> int:
        """Pictures in the missing shards."""
        job, last = self.job, self.job.num_shards - 1
        # Only the last shard may be smaller; it is the last of those missing, if it is.
        lacking = job.num_shards * job.samples_per_shard - job.count if last in self.missing[-1:] else 0
        return len(self.missing) * job.samples_per_shard - lacking

    def part(self, part: Part) -> "Plan":
        """Return what is missing of one part's shards."""
        return replace(self, missing=part.of(self.missing))

    def __str__(self) -> str:
        shares = ", ".join(f"{p.label} {100 * p.share:.3g} %" for p in self.job.mixture.portions)
        return (
            f"{self.job.count} pictures of {self.job.size}² in {self.job.num_shards} shards: {shares}\n"
            f"{len(self.missing)} shards with {self.images} pictures are missing in {visible(self.job.out)}"
        )


def plan(job: RenderJob) -> Plan:
    """Compare a job with what its folder holds.

    Raises:
        PatternGenError: the families cannot be made, or the folder holds another job's shards (the
            differing settings are shown), or more pictures than the job asks for, or is of a newer format.
    """
    folder = place(job.out)
    marked = inventory(folder)
    job = _in_its_format(job, folder, marked)
    _check_same_job(job, folder, {entry.job_hash for entry in marked.values()})
    known = {name: path for p in job.mixture.portions for name, path in programs_of(p.family).items()}
    with nearby(folder) as local:
        left_out = quarantine(local / QUARANTINE_FILE).reasons(known | kept_programs(local))
    outdated = _drawn_with(folder, left_out)
    whole = {name: entry.count for name, entry in marked.items() if entry.is_whole and name not in outdated}
    expected = {shard_name(shard): shard for shard in range(job.num_shards)}
    last = len(job.indices(job.num_shards - 1))
    sizes = dict.fromkeys(expected, job.samples_per_shard) | {shard_name(job.num_shards - 1): last}
    if whole.keys() - sizes.keys() or any(count > sizes[name] for name, count in whole.items()):
        raise PatternGenError(
            f"{job.out} holds more than {job.count} pictures already: give another --out, or a larger --count"
        )
    return Plan(job, tuple(expected[name] for name, count in sizes.items() if whole.get(name) != count))


def _in_its_format(job: RenderJob, folder: Place, marked: Mapping[str, Entry]) -> RenderJob:
    """Let a job that says no format go on in the one that its folder was begun in."""
    found = next(iter(marked.values())).format_version if marked else begun_in(folder)
    return job if job.format_version is not None else replace(job, format_version=found or NEWEST)


def _drawn_with(folder: Place, programs: Collection[str]) -> set[str]:
    """Name the shards that have pictures of shader programs: of those that were given up only later."""
    if not programs:
        return set()
    whole = [shard for shard in find_shards(folder) if shard.is_whole]
    return {
        shard.name for shard in whole if mentions(shard.manifest(["params"])["params"].to_pylist(), programs)
    }


def _check_same_job(job: RenderJob, folder: Place, hashes: set[str]) -> None:
    """Refuse to mix two jobs in one folder, showing how they differ."""
    if not hashes - {job.job_hash}:
        return
    differences = []
    if (folder / JOB_FILE).exists():
        before, now = load_config(str(folder / JOB_FILE), RenderJob), job.resolved
        differences = [
            f"{name} {old!r} → {new!r}"
            for name in (field.name for field in fields(RenderJob))
            if name not in _OF_NO_PICTURE and (old := getattr(before, name)) != (new := getattr(now, name))
        ]
    raise PatternGenError(
        f"{job.out} holds another job's pictures ("
        + ("; ".join(differences) or "drawn by other versions of the families")
        + "): give another --out, or the settings it was begun with"
    )
