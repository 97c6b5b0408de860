"""Every stage of drawing, per family: `pytest benchmarks --benchmark-only`.

Drawing alone, JPEG 95 alone, Total Variation alone, all of it into a shard with hashes, and the published
algorithm in plain NumPy and Pillow. One core, 256 × 256. On a machine with other work, add
`--benchmark-timer=time.process_time`.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from published import PUBLISHED

from patterngen.draw import render_shard
from patterngen.encode import Encoding, encode
from patterngen.errors import MissingDependencyError
from patterngen.families import families, family
from patterngen.job import RenderJob
from patterngen.metrics import total_variation

SIZE = 256
COUNT = 64
"""Pictures in a batch."""

every_family = pytest.mark.parametrize("name", list(families()))


def draw(name: str) -> np.ndarray:
    try:
        return family(name).draw(range(COUNT), SIZE).pixels
    except MissingDependencyError as error:
        pytest.skip(str(error))


@every_family
def bench_draw(name: str, measure: Callable[..., None]) -> None:
    measure(name, "draw", COUNT, lambda: draw(name))


@every_family
def bench_encode(name: str, measure: Callable[..., None]) -> None:
    pictures, encoding = draw(name), Encoding()
    measure(name, "encode", COUNT, lambda: [encode(picture, encoding) for picture in pictures])


@every_family
def bench_total_variation(name: str, measure: Callable[..., None]) -> None:
    pictures = draw(name)
    measure(name, "tv", COUNT, lambda: total_variation(pictures))


@every_family
def bench_shard(name: str, measure: Callable[..., None], tmp_path: Path) -> None:
    draw(name)
    count = 4 * COUNT
    job = RenderJob(family=(name,), out=str(tmp_path), count=count, size=SIZE)
    measure(name, "shard", count, lambda: render_shard(job, 0, lambda _: None), rounds=3)


@pytest.mark.parametrize("name", list(PUBLISHED))
def bench_published(name: str, measure: Callable[..., None]) -> None:
    rng = np.random.default_rng(0)
    measure(name, "published", 1, lambda: PUBLISHED[name](rng, SIZE), rounds=7)
