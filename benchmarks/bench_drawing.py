"""Every stage of drawing, per family: `pytest benchmarks --benchmark-only`.

Drawing alone, JPEG 95 alone, Total Variation alone, all of it into a shard with hashes, and the published
algorithm in plain NumPy and Pillow. One core, 256 × 256. On a machine with other work, add
`--benchmark-timer=time.process_time`.
"""

import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
from published import PUBLISHED

from patterngen.encode import Encoding, encode
from patterngen.errors import PatternGenError
from patterngen.families import family, known_families
from patterngen.jobs.draw import render_shard
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec
from patterngen.metrics import total_variation

SIZE = 256
ROUND_SECONDS = 0.25
"""What one round may take: the slowest families draw a single picture in it, the others up to `MOST`."""
MOST = 64
SLOW_SECONDS = 5.0

every_family = pytest.mark.parametrize("name", list(known_families()))


def draw(name: str, count: int) -> np.ndarray:
    try:
        return family(name).draw(range(count), SIZE).pixels
    except PatternGenError as error:  # it needs a file, or a library that is not there
        pytest.skip(str(error))


@cache
def seconds(name: str) -> float:
    """How long one picture takes once everything is compiled and loaded, whatever else the machine does."""
    draw(name, 1)
    start = time.process_time()
    draw(name, 1)
    return time.process_time() - start


def batch(name: str) -> int:
    """How many pictures of a family to draw in a round."""
    return max(1, min(MOST, int(ROUND_SECONDS / seconds(name))))


def rounds(name: str) -> int:
    """How often to measure: a family of seconds a picture varies little, and would take minutes."""
    return 7 if seconds(name) < ROUND_SECONDS else 3 if seconds(name) < SLOW_SECONDS else 1


@cache
def pictures(name: str) -> np.ndarray:
    return draw(name, batch(name))


@every_family
def bench_draw(name: str, measure: Callable[..., None]) -> None:
    count = batch(name)
    measure(name, "draw", count, lambda: draw(name, count), rounds=rounds(name))


@every_family
def bench_encode(name: str, measure: Callable[..., None]) -> None:
    drawn, encoding = pictures(name), Encoding()
    measure(name, "encode", len(drawn), lambda: [encode(picture, encoding) for picture in drawn])


@every_family
def bench_total_variation(name: str, measure: Callable[..., None]) -> None:
    drawn = pictures(name)
    measure(name, "tv", len(drawn), lambda: total_variation(drawn))


@every_family
def bench_shard(name: str, measure: Callable[..., None], tmp_path: Path) -> None:
    count = 4 * batch(name) if seconds(name) < ROUND_SECONDS else 1
    spec, run = DatasetSpec(family=(name,), count=count, size=SIZE), RunOptions(out=str(tmp_path))
    draw = partial(render_shard, spec, run, 0, lambda _: None)
    measure(name, "shard", count, draw, rounds=min(3, rounds(name)))


@pytest.mark.parametrize("name", list(PUBLISHED))
def bench_published(name: str, measure: Callable[..., None]) -> None:
    rng = np.random.default_rng(0)
    measure(name, "published", 1, lambda: PUBLISHED[name](rng, SIZE), rounds=5)
