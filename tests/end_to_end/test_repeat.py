"""Equal seeds, equal bytes: whatever the workers and however a run was interrupted."""

import hashlib
import os
import signal
import time
from pathlib import Path

import pytest

from tests.forked import Forked
from tests.processes import start

COUNT, PER_SHARD = 2400, 1200  # long enough to be interrupted within a shard


def begin(out: Path, workers: int = 1) -> Forked:
    words = ("render", "dead-leaves-mixed", "perlin=0.5", "--count", COUNT, "--size", 64, "--seed", 7)
    shards = ("--samples-per-shard", PER_SHARD, "--out", out, "--workers", workers)
    return start(*words, *shards, new_session=True)


def finish(out: Path, workers: int = 1) -> None:
    process = begin(out, workers)
    _, errors = process.communicate()
    assert process.returncode == 0, errors


def hashes(out: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.glob("*.tar"))}


def names(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir())


def until(found, process: Forked, what: str) -> None:
    """Wait for something that the process does."""
    deadline = time.monotonic() + 300
    while not found():
        assert process.poll() is None, f"ended before {what}: {process.communicate()}"
        assert time.monotonic() < deadline, f"never {what}"
        time.sleep(0.002)


def drawing(out: Path, shard: int):
    """Whether the process is in the middle of a shard: some of its bytes are in a temporary file."""

    def found() -> bool:
        try:
            return any(path.stat().st_size > 0 for path in out.glob(f".train-{shard:06d}.tar.*"))
        except FileNotFoundError:
            return False

    return found


def children(process: Forked) -> list[int]:
    """Process ids of the children of all threads of a process."""
    tasks = Path(f"/proc/{process.pid}/task")
    return [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[dict[str, str], list[str]]:
    """Hashes of the tars and names of all files of a run that nothing happened to."""
    out = tmp_path_factory.mktemp("repeat") / "one"
    finish(out)
    assert len(hashes(out)) == COUNT // PER_SHARD
    return hashes(out), names(out)


def test_two_workers_draw_the_same_bytes(undisturbed, tmp_path):
    finish(tmp_path, workers=2)
    assert (hashes(tmp_path), names(tmp_path)) == undisturbed


def test_killed_in_the_middle_of_a_shard_it_goes_on_to_the_same_bytes(undisturbed, tmp_path):
    process = begin(tmp_path)
    until(drawing(tmp_path, 1), process, "drawing the second shard")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert list(tmp_path.glob(".*")), "it was killed within a shard"
    assert not (tmp_path / "train-000001.tar").exists()
    finish(tmp_path)
    assert (hashes(tmp_path), names(tmp_path)) == undisturbed


def test_workers_end_when_their_parent_is_killed(undisturbed, tmp_path):
    process = begin(tmp_path, workers=2)
    until(drawing(tmp_path, 1), process, "drawing the second shard")
    workers = children(process)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 300
    while any(_alive(pid) for pid in workers):
        assert time.monotonic() < deadline, "a worker outlives its parent"
        time.sleep(0.01)
    finish(tmp_path)
    assert (hashes(tmp_path), names(tmp_path)) == undisturbed


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_worker_is_replaced(undisturbed, tmp_path):
    process = begin(tmp_path, workers=2)
    until(drawing(tmp_path, 0), process, "drawing")
    owner = next(tmp_path.glob(".train-000000.tar.*")).name.split("-")[-2]
    os.kill(int(owner), signal.SIGKILL)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert (hashes(tmp_path), names(tmp_path)) == undisturbed


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_stopped_run_leaves_nothing_half_done(tmp_path, sent, code, workers):
    process = begin(tmp_path, workers=workers)
    until(drawing(tmp_path, 0), process, "drawing")
    # Ctrl-C reaches the whole group, SIGTERM the one process that a scheduler knows.
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)
    else:
        process.send_signal(sent)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == code, errors
    assert "Traceback" not in errors
    # A worker may have finished its shard before the signal came: then it is whole.
    whole = {path.name.removesuffix("_stats.json") for path in tmp_path.glob("*_stats.json")}
    assert len(whole) < workers
    parts = [f"{shard}{end}" for shard in whole for end in (".parquet", ".tar", "_stats.json")]
    assert names(tmp_path) == sorted(["job.yaml", *parts])
