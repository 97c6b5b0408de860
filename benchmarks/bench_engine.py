"""What surrounds the drawing: `pytest benchmarks/bench_engine.py --benchmark-only`.

Planning a job of 100 000 finished shards; what writing adds to drawing and encoding; what a second process
is worth. Each result is a line at the end.
"""

import dataclasses
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from patterngen.dataset.inventory import inventory
from patterngen.dataset.marker import shard_name, stats_path
from patterngen.encode import encode
from patterngen.families import Family, Pictures, known_families, register
from patterngen.jobs.draw import draw_pictures, render_shard, windows
from patterngen.jobs.plan import plan
from patterngen.jobs.rendering import render
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec

SHARDS = 100_000
COUNT = 8192
ROUNDS = 3


@pytest.fixture
def dummy() -> str:
    """Name a family that draws at the cost of a copy, and whose pictures take as long to encode as others.

    It lives here, because nobody would train on it: cuts from one picture of another family.
    """
    if "dummy" not in known_families():
        canvas = known_families()["perlin"]().draw([0], 512).pixels[0]

        @register
        @dataclasses.dataclass(frozen=True)
        class Dummy(Family):
            """One picture, over and over: elsewhere cut."""

            name = "dummy"
            version = 1
            source = "this benchmark"
            num_classes = 1

            def draw_square(self, seeds: list[int], size: int) -> Pictures:
                places = [(seed % (512 - size), seed // 512 % (512 - size)) for seed in seeds]
                pixels = np.stack([canvas[y : y + size, x : x + size] for y, x in places])
                return Pictures(pixels, [{"y": y, "x": x} for y, x in places], np.zeros(len(seeds), np.int64))

    return "dummy"


def without_writing(spec: DatasetSpec) -> None:
    """Draw, measure and encode the pictures of the first shard, and throw them away."""
    encoding = spec.encoding
    for window in windows(spec, spec.indices(0)):
        for pixels, _ in draw_pictures(spec, window).pictures:
            encode(pixels, encoding)


def timed(function: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that a call took, and those of this process's CPU time."""
    clock, cpu = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - clock, time.process_time() - cpu


@pytest.mark.parametrize("name", ["dummy", "dead-leaves-squares", "perlin", "fbm"])
def bench_writing(name: str, dummy: str, benchmark, note: Callable[[str], None], tmp_path: Path) -> None:
    spec, run = DatasetSpec(family=(name,), count=COUNT), RunOptions(out=str(tmp_path))
    bare: list[tuple[float, float]] = []
    whole: list[tuple[float, float]] = []

    def setup() -> None:  # in turns, so that both meet the same machine
        bare.append(timed(lambda: without_writing(spec)))

    def shard() -> None:
        whole.append(timed(lambda: render_shard(spec, run, 0, lambda _: None)))

    benchmark.pedantic(shard, setup=setup, rounds=ROUNDS, warmup_rounds=1)
    (bare_wall, bare_cpu), (whole_wall, whole_cpu) = (
        [statistics.median(times[1:]) for times in zip(*runs, strict=True)] for runs in (bare, whole)
    )
    note(
        f"{name}: a picture takes {1e6 * bare_wall / COUNT:.0f} µs to draw and encode; writing adds "
        f"{100 * (whole_cpu / bare_cpu - 1):.1f} % of CPU time, {100 * (whole_wall / bare_wall - 1):.1f} % "
        "of time, waiting for the disk included"
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[DatasetSpec, str]:
    """A dataset with all its shards marked: each has the marker and the size of the one that was drawn."""
    folder = tmp_path_factory.mktemp("finished")
    spec = DatasetSpec(family=("perlin",), count=SHARDS, size=8, samples_per_shard=1)
    run = RunOptions(out=str(folder))
    render_shard(spec, run, 0, lambda _: None)
    first = shard_name(0)
    marker = stats_path(folder, first).read_bytes()
    size = (folder / f"{first}.tar").stat().st_size
    for number in range(1, SHARDS):
        name = shard_name(number)
        stats_path(folder, name).write_bytes(marker)
        with (folder / f"{name}.tar").open("wb") as tar:
            tar.truncate(size)
        (folder / f"{name}.parquet").touch()
    return spec, run.out


def bench_planning(finished: tuple[DatasetSpec, str], benchmark, note: Callable[[str], None]) -> None:
    planned = benchmark.pedantic(lambda: plan(*finished), rounds=ROUNDS)
    assert planned.missing == ()
    assert len(inventory(Path(finished[1]))) == SHARDS
    note(f"planning: {benchmark.stats.stats.median:.2f} s for a dataset of {SHARDS} finished shards")


@pytest.fixture
def all_cores() -> Iterator[None]:
    """Give back the cores that the other benchmarks do without."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    yield
    os.sched_setaffinity(0, before)


@pytest.mark.parametrize("name", ["dead-leaves-squares", "perlin"])
def bench_two_workers(name: str, benchmark, note: Callable[[str], None], tmp_path: Path, all_cores) -> None:
    """Wall-clock time of a run that is long beside the start of its processes."""
    spec = DatasetSpec(family=(name,), count=10_000, samples_per_shard=500)
    one, two = (RunOptions(out=str(tmp_path / str(workers)), workers=workers) for workers in (1, 2))
    alone, _ = timed(lambda: render(spec, one))
    benchmark.pedantic(lambda: render(spec, two))
    shared = benchmark.stats.stats.median
    note(f"{name}: {spec.count} pictures in {alone:.1f} s; two processes are {alone / shared:.2f}× as fast")
