"""What a bucket costs its client: `pytest benchmarks/bench_remote.py --benchmark-only`.

Time of this process's core, against an S3 server of its own process: how long a network takes is not in it.
Each result is a line at the end.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest

import patterngen
from patterngen.dataset.inventory import inventory
from patterngen.dataset.marker import shard_name, stats_path
from patterngen.jobs.rendering import render
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec
from patterngen.storage.places import place
from patterngen.storage.upload import upload

SHARDS = 300
PICTURES = 200
ROUNDS = 3
SERVER = """
import logging, sys, threading
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A server that ends with this process, and a bucket in it."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    settings = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.stdout.readline().strip()}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        fsspec.filesystem("s3").mkdir("bucket")
        yield "s3://bucket"
    server.communicate("")


def bench_going_on(bucket: str, benchmark, note: Callable[[str], None]) -> None:
    """Planning: one listing, and the markers."""
    folder = place(f"{bucket}/marked")
    render(DatasetSpec(family=("perlin",), count=1, size=8), RunOptions(out=str(folder)))
    marker = stats_path(folder, shard_name(0)).read_bytes()
    for number in range(1, SHARDS):
        upload(marker, stats_path(folder, shard_name(number)))
    found = benchmark.pedantic(lambda: inventory(folder), rounds=ROUNDS)
    assert len(found) == SHARDS
    note(f"planning a bucket: {1e3 * benchmark.stats.stats.median / SHARDS:.2f} ms for each finished shard")


@pytest.mark.parametrize("where", ["disk", "bucket"])
def bench_reading(where: str, bucket: str, benchmark, note: Callable[[str], None], tmp_path: Path) -> None:
    """Random access: one request for one picture's bytes."""
    out = str(tmp_path) if where == "disk" else f"{bucket}/pictures"
    render(DatasetSpec(family=("perlin",), count=PICTURES), RunOptions(out=out))
    pictures = patterngen.open_dataset(out)
    assert pictures[0].data
    benchmark.pedantic(lambda: [pictures[i].data for i in range(PICTURES)], rounds=ROUNDS)
    note(f"one picture by its number, {where}: {1e3 * benchmark.stats.stats.median / PICTURES:.2f} ms")


@pytest.mark.parametrize("where", ["disk", "bucket"])
def bench_sending(where: str, bucket: str, benchmark, note: Callable[[str], None], tmp_path: Path) -> None:
    """Drawing a shard into a folder, and into a bucket."""
    numbers = iter(range(ROUNDS + 1))

    def shard() -> None:
        number = next(numbers)
        out = str(tmp_path / str(number)) if where == "disk" else f"{bucket}/{os.getpid()}-{number}"
        render(DatasetSpec(family=("perlin",), count=1000), RunOptions(out=out))

    benchmark.pedantic(shard, rounds=ROUNDS, warmup_rounds=1)
    note(f"a run of one shard of 1000 pictures of 256², {where}: {benchmark.stats.stats.median:.2f} s")
