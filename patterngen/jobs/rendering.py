"""Drawing what a dataset lacks, then describing the finished dataset to other tools."""

import errno
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from patterngen.common.config import load_config
from patterngen.common.spawn import refuse_rerun
from patterngen.dataset.classes import CLASSES_FILE, write_classes
from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.format_version import JOB_FILE, begun_in
from patterngen.dataset.indexes import INDEXES, write_indexes
from patterngen.dataset.marker import shard_name
from patterngen.dataset.programs import PROGRAMS_FOLDER
from patterngen.dataset.staging import workroom
from patterngen.dataset.wids import read_entries
from patterngen.errors import PatternGenError, RunFailedError
from patterngen.escape import visible
from patterngen.executors import Progress, RayOptions, Silent, execute
from patterngen.families.shaders import check_programs
from patterngen.jobs.config import job_file
from patterngen.jobs.draw import render_shard
from patterngen.jobs.estimate import bytes_per_picture
from patterngen.jobs.failures import forget, remember
from patterngen.jobs.kernel_build import prepare
from patterngen.jobs.partition import Part
from patterngen.jobs.plan import Plan, plan
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec
from patterngen.retry import Retry
from patterngen.shaders.render.options import drawing
from patterngen.storage.files import remove_leftovers, shared_marker, write_atomic
from patterngen.storage.places import Place, listing, make_folder, place

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)

OpenProgress = Callable[[int], AbstractContextManager[Progress]]
"""Shows the progress of so many pictures."""


@dataclass(frozen=True)
class RenderReport:
    """What a run did."""

    run: RunOptions
    plan: Plan
    seconds: float
    drawn: int
    """Pictures drawn by this run."""
    part: Part
    """Which of the shards were its to draw."""
    left: Plan
    """What is missing after it: shards of other parts."""

    def to_json(self) -> dict[str, object]:
        """Return the figures by name; of a dry run, what is missing is what would be drawn."""
        spec = self.plan.spec
        return {
            "out": self.run.out,
            "job_hash": spec.job_hash,
            "dry_run": self.run.dry_run,
            "count": spec.count,
            "shards": spec.num_shards,
            "part": [self.part.index, self.part.count],
            "drawn": self.drawn,
            "seconds": round(self.seconds, 3),
            "missing": list(self.left.missing),
        }

    def __str__(self) -> str:
        spec, out = self.plan.spec, visible(self.run.out)
        if self.run.dry_run:
            mine = self.plan.part(self.part)
            here = f"\n{self.part}; {len(mine.missing)} missing, {mine.images} pictures"
            return f"{job_file(spec, self.run.out)}{self.plan}{here if self.part.count > 1 else ''}"
        rate = (
            f"drew {self.drawn} in {self.seconds:.1f} s, {self.drawn / max(self.seconds, 1e-9):.0f} images/s"
        )
        if self.left.missing:
            done = f"{rate}; " if self.drawn else ""
            return (
                f"{out}: part {self.part.index} of {self.part.count} is whole; {done}"
                f"other parts have still to draw {self.left.images} of {spec.count} pictures"
            )
        if not self.drawn:
            return f"{out}: {spec.count} pictures, all there already"
        return f"{out}: {spec.count} pictures in {spec.num_shards} shards; {rate}"


def render(spec: DatasetSpec, run: RunOptions, progress: OpenProgress | None = None) -> RenderReport:
    """Draw what a dataset lacks, then describe the finished one to other tools.

    Args:
        spec: what to draw.
        run: how, and where to.
        progress: called with the number of pictures to draw; gives the context that shows them.

    Raises:
        PatternGenError: as `plan`; or the folder cannot be written; or a family cannot draw that size.
        RunFailedError: shards failed, or the disk is full; the others are whole, and running again draws
            what is missing.

    Examples:
        >>> from patterngen import DatasetSpec, RunOptions, render
        >>> spec = DatasetSpec(family=("perlin",), count=6, size=16)
        >>> report = render(spec, RunOptions(out="clouds"))
        >>> print(render(spec, RunOptions(out="clouds")))
        clouds: 6 pictures, all there already
    """
    refuse_rerun()
    part, planned = run.part, plan(spec, run.out)
    # What the folder lists stands in its list alone, where one deletes it.
    asked, spec = replace(planned.spec, excluded=spec.excluded), planned.spec
    if run.dry_run:
        return RenderReport(run, planned, 0.0, 0, part, planned)
    if planned.part(part).missing and run.executor != "ray":
        # Before the clock starts, and once for all workers.
        prepare([portion.family for portion in spec.mixture.portions])
        with drawing(run.drawing):
            for portion in spec.mixture.portions:  # before there is a folder that nothing can be drawn into
                check_programs(portion.family.without(spec.excluded), spec.shape)
    start = time.monotonic()
    folder = place(run.out)
    try:
        make_folder(folder)
        _sweep(folder)
        if len(planned.missing) == spec.num_shards:  # since the first look, kernels were compiled for minutes
            planned = plan(spec, run.out)
        if planned.missing:
            write_atomic(folder / JOB_FILE, job_file(asked, run.out).encode())
        drawn, left = 0, planned
        # More than once only if a program is given up that pictures were drawn with before.
        while (mine := left.part(part)).missing:
            _draw_missing(mine, run, progress or (lambda _: nullcontext(Silent())))
            drawn, left = drawn + mine.images, plan(spec, run.out)
        forget(folder)
        # Of several parts, whoever finds the dataset whole describes it; two that do write the same.
        if not left.missing:
            if not _is_job_of(spec, folder):
                write_atomic(folder / JOB_FILE, job_file(asked, run.out).encode())
            _describe(spec, folder, anew=bool(planned.missing))
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise RunFailedError(_no_space(spec, run, error)) from error
        raise PatternGenError(f"{run.out}: {error}; what is drawn stays, run again to go on") from error
    finally:
        _sweep(folder)
    return RenderReport(run, planned, time.monotonic() - start, drawn, part, left)


def _sweep(folder: Place) -> None:
    """Remove what runs that died have left."""
    for part in (folder, folder / PROGRAMS_FOLDER):
        remove_leftovers(part)


def _describe(spec: DatasetSpec, folder: Place, *, anew: bool) -> None:
    """Write what tells other tools of a whole dataset, unless it is there."""
    there = listing(folder)
    if anew or CLASSES_FILE not in there:
        write_classes(folder, spec.mixture.classes)
    if anew or not there.keys() >= {*INDEXES} or not _is_listed(spec, folder):
        write_indexes(DatasetFolder.open(str(folder)))


def _is_job_of(spec: DatasetSpec, folder: Place) -> bool:
    """Tell whether the job's file is this dataset's: it may be lost, or another run's."""
    try:
        found = load_config(str(folder / JOB_FILE), DatasetSpec)
        return replace(found, format_version=begun_in(folder)).job_hash == spec.job_hash
    except PatternGenError:  # damaged, or none
        return False


def _is_listed(spec: DatasetSpec, folder: Place) -> bool:
    """Tell whether the index is of these shards: a run killed before it was written left that of fewer."""
    try:
        entries = read_entries(folder)
    except PatternGenError:  # damaged
        return False
    listed = {name: entry.get("nsamples") for name, entry in entries.items()}
    return listed == {f"{shard_name(n)}.tar": len(spec.indices(n)) for n in range(spec.num_shards)}


def _draw_missing(planned: Plan, run: RunOptions, progress: OpenProgress) -> None:
    with progress(planned.images) as shown, _ray_options(run) as ray:
        failures = execute(
            planned.missing,
            partial(render_shard, planned.spec, run),
            workers=run.workers,
            progress=shown,
            retry=Retry(run.retries),
            ray=ray,
        )
    if failures:
        named = {shard_name(shard): error for shard, error in sorted(failures.items())}
        remember(place(run.out), named)
        raise RunFailedError(
            f"{len(failures)} of {len(planned.missing)} shards failed; the others are whole. "
            f"`{run.command}{run.part.flags}` tries again.",
            *(f"  {name}: {error}" for name, error in named.items()),
        )


@contextmanager
def _ray_options(run: RunOptions) -> Iterator[RayOptions | None]:
    """Tell an executor where the Ray cluster is, if that is where to draw, and how nodes know the folder."""
    if run.executor != "ray":
        yield None
        return
    folder = place(run.out)
    with shared_marker(folder) if isinstance(folder, Path) else nullcontext() as marker:
        yield RayOptions(run.ray_address, run.ray_gpus, marker)


def _no_space(spec: DatasetSpec, run: RunOptions, error: OSError) -> str:
    """Say what a full disk lacks. Its pictures take as many bytes as a few drawn now, on average."""
    folder = workroom(place(run.out), run.scratch)
    with drawing(run.drawing):
        needed = bytes_per_picture(spec) * plan(spec, run.out).images
    return (
        f"{run.out}: {error.strerror}: {_megabytes(shutil.disk_usage(folder).free)} are free, and what is "
        f"missing needs about {_megabytes(needed)}; whole shards stay: free some space, "
        f"then `{run.command}` goes on"
    )


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.1f} MB"
