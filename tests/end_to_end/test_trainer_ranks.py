"""Two processes that train together, as a launcher starts them: one dies, both are told to stop."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from patterngen import DatasetSpec, RunOptions, render
from tests.forked import Nursery
from trainer.encoders.checkpoint import latest_checkpoint, load_checkpoint
from trainer.training.metrics_log import read_metrics

ROOT = Path(__file__).parents[2]
SMALL = "--model vit_tiny --image-size 32 --patch-size 16 --decoder-dim 16 --decoder-depth 1 --batch-size 2"
RUN = f"{SMALL} --log-every 1 --steps 2000 --save-every 1000 --workers 0 --device cpu --rank-timeout 60"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
PATIENCE = 240
"""Seconds after which a process hangs and is not slow."""


class Together:
    """Two ranks of one command."""

    def __init__(self, nursery, words):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        common = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        self.processes = [
            nursery.start(
                "trainer.cli",
                *words,
                env=ENVIRONMENT | common | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            )
            for rank in range(2)
        ]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.communicate()

    def wait_for_row(self, run, step):
        deadline = time.monotonic() + PATIENCE
        while not any(row["step"] >= step for row in read_metrics(run)):
            for process in self.processes:
                assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def end(self):
        """Return exit code and last line of each."""
        said = [process.communicate(PATIENCE)[1] for process in self.processes]
        assert not any("Traceback" in text for text in said), said
        return [
            (process.returncode, (text.splitlines() or [""])[-1])
            for process, text in zip(self.processes, said, strict=True)
        ]


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    place = tmp_path_factory.mktemp("together")
    render(
        DatasetSpec(family=("perlin",), count=24, size=32, seed=1, samples_per_shard=12),
        RunOptions(out=str(place / "set")),
    )
    return ["pretrain", "--data", str(place / "set"), "--out", str(place / "run"), *RUN.split()]


@pytest.fixture
def nursery():
    with Nursery("import timm, torch.distributed, trainer.pretraining.pretrain", ENVIRONMENT) as nursery:
        yield nursery


def test_ranks_end_together_and_go_on_together(nursery, words):
    run = Path(words[4])
    with Together(nursery, words) as both:
        both.wait_for_row(run, 3)
        both.processes[1].send_signal(signal.SIGKILL)
        (code, said), (killed, _) = both.end()
    assert killed == -signal.SIGKILL
    assert code == 1
    assert said.startswith("error: another of the 2 processes of this run has ended or is silent (")
    assert said.endswith("run again to go on")
    step = load_checkpoint(latest_checkpoint(run)).step
    assert step >= 3  # saved by the one that was left

    with Together(nursery, words) as both:
        both.wait_for_row(run, step + 2)
        for process in both.processes:
            process.send_signal(signal.SIGTERM)
        assert both.end() == [(143, "error: terminated")] * 2
    reached = load_checkpoint(latest_checkpoint(run)).step
    assert reached >= step + 2
    rows = read_metrics(run)
    assert [row["step"] for row in rows] == list(range(1, reached + 1))
    assert rows[-1]["images"] == 4 * reached
