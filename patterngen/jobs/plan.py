"""What a dataset still lacks: its definition compared with what its folder holds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace

from patterngen.common.config import load_config
from patterngen.dataset.folder import QUARANTINE_FILE, find_shards
from patterngen.dataset.format_version import JOB_FILE, NEWEST, begun_in
from patterngen.dataset.inventory import MarkedShard, inventory
from patterngen.dataset.marker import shard_name
from patterngen.dataset.programs import dataset_programs
from patterngen.dataset.staging import nearby
from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.families.shaders import programs_of
from patterngen.jobs.mixture import mixture
from patterngen.jobs.partition import Part
from patterngen.jobs.spec import DatasetSpec
from patterngen.shaders.language.excluded import excluded_among
from patterngen.shaders.language.program import read_program
from patterngen.shaders.render.quarantine import Quarantine, mentions
from patterngen.sizes import shown
from patterngen.storage.places import Place, place


@dataclass(frozen=True)
class Plan:
    """What a dataset still lacks."""

    spec: DatasetSpec
    """The dataset's definition, with the format version of its folder and the programs that it excludes."""
    out: str
    """The folder, a path or URL."""
    missing: tuple[int, ...]
    """Numbers of the shards that are not whole."""

    @property
    def images(self) -> int:
        """Pictures in the missing shards."""
        spec, last = self.spec, self.spec.num_shards - 1
        # Only the last shard may be smaller; it is the last of those missing, if it is.
        lacking = spec.num_shards * spec.samples_per_shard - spec.count if last in self.missing[-1:] else 0
        return len(self.missing) * spec.samples_per_shard - lacking

    def part(self, part: Part) -> "Plan":
        """Return what is missing of one part's shards."""
        return replace(self, missing=part.of(self.missing))

    def __str__(self) -> str:
        shares = ", ".join(f"{p.label} {100 * p.share:.3g} %" for p in self.spec.mixture.portions)
        count, size = self.spec.count, shown(*self.spec.shape)
        return (
            f"{count} pictures of {size} in {self.spec.num_shards} shards: {shares}\n"
            f"{len(self.missing)} shards with {self.images} pictures are missing in {visible(self.out)}"
        )


def plan(spec: DatasetSpec, out: str) -> Plan:
    """Compare a dataset's definition with what a folder holds.

    Args:
        spec: the definition.
        out: the folder, a path or URL, which need not exist.

    Raises:
        PatternGenError: the families cannot be made, or the folder holds another dataset's shards (the
            differing settings are shown), or more pictures than are asked for, or is of a newer format.
    """
    mixture.cache_clear()  # a user's programs are read as they are now
    folder = place(out)
    marked = inventory(folder)
    spec = _in_its_format(spec, folder, marked)
    _check_same_dataset(spec, out, {entry.job_hash for entry in marked.values()})
    known = {name: one for p in spec.mixture.portions for name, one in programs_of(p.family).items()}
    with nearby(folder) as local:
        spec = spec.excluding(Quarantine(local / QUARANTINE_FILE).excluded)
        kept, listed = dataset_programs(local), {text.rpartition("@")[0] for text in spec.excluded}
        known |= {name: read_program(kept[name]) for name in kept.keys() & listed}
        left_out = excluded_among(known.values(), spec.excluded)
    outdated = _drawn_with(folder, left_out)
    whole = {name: entry.count for name, entry in marked.items() if entry.is_whole and name not in outdated}
    expected = {shard_name(shard): shard for shard in range(spec.num_shards)}
    last = len(spec.indices(spec.num_shards - 1))
    sizes = dict.fromkeys(expected, spec.samples_per_shard) | {shard_name(spec.num_shards - 1): last}
    if whole.keys() - sizes.keys() or any(count > sizes[name] for name, count in whole.items()):
        raise PatternGenError(
            f"{out} holds more than {spec.count} pictures already: give another --out, or a larger --count"
        )
    return Plan(spec, out, tuple(expected[name] for name, count in sizes.items() if whole.get(name) != count))


def _in_its_format(spec: DatasetSpec, folder: Place, marked: Mapping[str, MarkedShard]) -> DatasetSpec:
    """Let a definition that says no format go on in the one that its folder was begun in."""
    found = next(iter(marked.values())).format_version if marked else begun_in(folder)
    return spec if spec.format_version is not None else replace(spec, format_version=found or NEWEST)


def _drawn_with(folder: Place, programs: Collection[str]) -> set[str]:
    """Name the shards that have pictures of shader programs: of those that were given up only later."""
    if not programs:
        return set()
    whole = [shard for shard in find_shards(folder) if shard.is_whole]
    return {
        shard.name for shard in whole if mentions(shard.manifest(["params"])["params"].to_pylist(), programs)
    }


def _check_same_dataset(spec: DatasetSpec, out: str, hashes: set[str]) -> None:
    """Refuse to mix two datasets in one folder, showing how they differ."""
    if not hashes - {spec.job_hash}:
        return
    differences, job_file = [], place(out) / JOB_FILE
    if job_file.exists():
        before = load_config(str(job_file), DatasetSpec)
        # Neither the number of pictures nor what is excluded makes another dataset.
        now = replace(spec.resolved, count=before.count, excluded=before.excluded)
        differences = [
            f"{field.name} {old!r} → {new!r}"
            for field in fields(DatasetSpec)
            if (old := getattr(before, field.name)) != (new := getattr(now, field.name))
        ]
    raise PatternGenError(
        f"{out} holds another job's pictures ("
        + ("; ".join(differences) or "drawn by other versions of the families")
        + "): give another --out, or the settings it was begun with"
    )
