"""The host of shader programs: against a bare loop, over the library, and on two processes.

256 × 256, llvmpipe where there is no GPU. One core, but for the last. The lines at the end tell the overhead,
the images/s of the median program and of the slowest tenth, and the speed-up.
"""

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from patterngen.shaders.language.glsl import VERTEX
from patterngen.shaders.language.program import programs
from patterngen.shaders.language.translate import Reading, translate
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.context import open_context
from patterngen.shaders.render.protocol import PICTURE_VERTICES
from patterngen.shaders.render.renderer import renderer
from patterngen.shaders.render.worker import CORNERS

pytest.importorskip("moderngl")
SIZE = 256
COUNT = 32
"""Pictures per round."""
SAMPLE = list(programs())[:: max(1, len(programs()) // 12)]
LIBRARY_PICTURES = 4
"""Of each program, for the figures over the whole library."""

Numbers = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Lines for the end."""
    lines: list[str] = []
    yield lines
    plugins = request.config.pluginmanager
    reporter = plugins.get_plugin("terminalreporter")
    with plugins.get_plugin("capturemanager").global_and_fixture_disabled():
        reporter.section(f"shader programs, {SIZE} × {SIZE}, {renderer().name}")
        for line in lines:
            reporter.write_line(line)


def numbers(count: int) -> Numbers:
    rng = np.random.default_rng(0)
    return rng.uniform(0.1, 10, count).astype(np.float32), rng.random((count, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def bare_loop() -> Callable[[str], Callable[[], None]]:
    """Return what makes, for a program, a function that only draws and reads one picture after the other."""
    os.environ.setdefault("LP_NUM_THREADS", "0")
    context = open_context()
    target = context.framebuffer([context.texture((SIZE, SIZE), 4)])
    vertices = context.buffer(reserve=PICTURE_VERTICES)

    def loop(name: str) -> Callable[[], None]:
        program = context.program(
            vertex_shader=VERTEX, fragment_shader=translate(programs()[name], Reading()).text
        )
        for uniform, value in {
            "tiles": 1,
            "stride": SIZE,
            "host_size": (SIZE, SIZE),
            "lift": 0,
            "pixel": 2 / SIZE,
        }.items():
            with suppress(KeyError):  # a driver drops what a program has no use for
                program[uniform] = value
        array = context.vertex_array(
            program, [(vertices, "1f4 1f4 4f4", "tile", "time", "random")], skip_errors=True
        )
        times, randoms = numbers(COUNT)
        pictures = [
            np.tile(np.concatenate([[0], [t], r]).astype("f4"), CORNERS).tobytes()
            for t, r in zip(times, randoms, strict=True)
        ]

        def run() -> None:
            target.use()
            for picture in pictures:
                vertices.write(picture)
                target.clear()
                array.render(vertices=CORNERS)
                target.read(components=3, alignment=1)

        run()
        return run

    return loop


@pytest.mark.parametrize("name", SAMPLE)
def bench_overhead(name: str, benchmark, bare_loop, told: list[str]) -> None:
    """The bare loop runs before each round of ours, so that a busy machine slows both."""
    bare, seconds = bare_loop(name), list[float]()

    def run_bare() -> None:
        start = time.perf_counter()
        bare()
        seconds.append(time.perf_counter() - start)

    drawn, (times, randoms) = [programs()[name]] * COUNT, numbers(COUNT)
    benchmark.group = "overhead"
    benchmark.pedantic(
        lambda: renderer().draw(drawn, times, randoms, Canvas(SIZE)),
        setup=run_bare,
        rounds=7,
        warmup_rounds=1,
    )
    ours, theirs = benchmark.stats.stats.median, statistics.median(seconds)
    benchmark.extra_info["overhead"] = ours / theirs
    told.append(
        f"{name:20} bare loop {1e3 * theirs / COUNT:7.3f} ms   host {1e3 * ours / COUNT:7.3f} ms   "
        f"host ÷ bare {ours / theirs:.2f}"
    )


def bench_library(benchmark, told: list[str]) -> None:
    """Every program by itself, compiled before."""
    times, randoms = numbers(LIBRARY_PICTURES)
    seconds: dict[str, list[float]] = {name: [] for name in programs()}

    def draw_each() -> None:
        for name, program in programs().items():
            start = time.perf_counter()
            renderer().draw([program] * LIBRARY_PICTURES, times, randoms, Canvas(SIZE))
            seconds[name].append((time.perf_counter() - start) / LIBRARY_PICTURES)

    benchmark.group = "library"
    benchmark.pedantic(draw_each, rounds=5, warmup_rounds=1)
    # The first round compiled.
    cost = np.sort([statistics.median(values[1:]) for values in seconds.values()])
    tenth = cost[-(len(cost) // 10 or 1) :]
    rates = {
        "median": 1 / np.median(cost),
        "slowest tenth": 1 / np.median(tenth),
        "slowest": 1 / cost[-1],
        "all equally often": 1 / np.mean(cost),
    }
    benchmark.extra_info.update({name: float(rate) for name, rate in rates.items()})
    told.append(
        f"{len(cost)} programs, images/s: " + ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items())
    )


def _processor_seconds() -> float:
    """Return the processor time of this process and of the one that draws for it."""
    children = [path.read_text().split() for path in Path("/proc/self/task").glob("*/children")]
    spent = [Path(f"/proc/{child}/schedstat").read_text().split()[0] for some in children for child in some]
    return time.process_time() + sum(map(int, spent)) / 1e9


def _draw_when_told(connection: Connection, core: int, count: int) -> None:
    """Be a worker: draw so many pictures of the sample at each word, and answer with the seconds spent."""
    os.environ["LP_NUM_THREADS"] = "0"
    os.sched_setaffinity(0, {core})
    drawn = [programs()[SAMPLE[i % len(SAMPLE)]] for i in range(count)]
    times, randoms = numbers(count)
    renderer().draw(drawn, times, randoms, Canvas(SIZE))  # which compiles
    connection.send(None)
    while connection.recv():
        before = _processor_seconds()
        renderer().draw(drawn, times, randoms, Canvas(SIZE))
        connection.send(_processor_seconds() - before)


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="only Linux tells a process's time")
def bench_workers(benchmark, told: list[str]) -> None:
    """Two processes against one, each on a core of its own, as many pictures each."""
    count, rounds = 8 * len(SAMPLE), 9
    cores = sorted(os.sched_getaffinity(os.getppid()))
    if len(cores) < 2:
        pytest.skip("this machine has one core")
    spawn = multiprocessing.get_context("spawn")
    workers = []
    for core in cores[:2]:
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=_draw_when_told, args=(theirs, core, count))
        process.start()
        workers.append((process, ours))
    for _, connection in workers:
        connection.recv()
    spent: dict[int, list[float]] = {1: [], 2: []}
    walls: list[float] = []

    def run(number: int) -> None:
        for _, connection in workers[:number]:
            connection.send(True)
        spent[number] += [connection.recv() for _, connection in workers[:number]]

    def run_one() -> None:
        start = time.perf_counter()
        run(1)
        walls.append(time.perf_counter() - start)

    benchmark.group = "workers"
    benchmark.pedantic(lambda: run(2), setup=run_one, rounds=rounds)
    for process, connection in workers:
        connection.send(False)
        process.join()
    one, two = count / statistics.median(walls), 2 * count / benchmark.stats.stats.median
    # What the other costs each of them, whatever else the machine does.
    undisturbed = 2 * statistics.median(spent[1]) / statistics.median(spent[2])
    benchmark.extra_info.update(speed_up=two / one, speed_up_by_processor_time=undisturbed)
    told.append(
        f"one process {one:.0f} images/s, two {two:.0f}: {two / one:.2f} times; "
        f"by processor time {undisturbed:.2f} times"
    )
