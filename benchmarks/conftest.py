"""Runs the benchmarks on one core and prints their medians as one table."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

Rates = dict[str, dict[str, float]]
RATES = pytest.StashKey[Rates]()
NOTES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RATES] = defaultdict(dict)
    config.stash[NOTES] = []


@pytest.fixture(autouse=True, scope="session")
def one_core() -> Iterator[None]:
    """Keep this process on one core, where the system can: a rate is then per core."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


@pytest.fixture
def measure(benchmark, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Time a function that handles `count` pictures; the rate goes into the table under (family, stage)."""

    def timed(family: str, stage: str, count: int, function: Callable[[], object], rounds: int = 7) -> None:
        benchmark.group = stage
        benchmark.pedantic(function, rounds=rounds, warmup_rounds=min(rounds - 1, 1))
        rate = count / benchmark.stats.stats.median
        benchmark.extra_info["images_per_second"] = rate
        request.config.stash[RATES][family][stage] = rate

    return timed


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Print a line of results at the end, for what is no rate of a family."""
    return request.config.stash[NOTES].append


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    rates, write = config.stash[RATES], terminalreporter.write_line
    for line in config.stash[NOTES]:
        write(line)
    if not rates:
        return
    terminalreporter.section("images per second, 256 × 256, one core, medians")
    write(
        f"{'family':22}{'drawing':>10}{'encoding':>10}{'TV':>10}{'shard':>10}{'published':>11}"
        f"{'drawing ÷':>13}{'shard time ÷':>14}"
    )
    write(f"{'':73}{'published':>13}{'encoding time':>14}")
    for family, stages in rates.items():
        cells = [stages.get(stage) for stage in ("draw", "encode", "tv", "shard", "published")]
        drawing, encoding, _, shard, published = cells
        row = f"{family:22}" + "".join(
            f"{_figures(cell):>{width}}" for cell, width in zip(cells, (10, 10, 10, 10, 11), strict=True)
        )
        row += f"{_ratio(drawing, published):>13}{_ratio(encoding, shard):>14}"
        write(row)


def _figures(rate: float | None) -> str:
    if rate is None:
        return "–"
    return f"{rate:.2f}" if rate < 10 else f"{rate:.0f}"


def _ratio(a: float | None, b: float | None) -> str:
    return "–" if a is None or b is None else f"{a / b:.3g}×"
