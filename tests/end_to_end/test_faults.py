"""What befalls a run that lasts a night, done for real: it is killed, its disk is full, it is not alone."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from patterngen.jobs.rendering import render
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec
from tests.forked import Forked, Nursery
from tests.processes import DRAWING, base_install, start

SETTINGS = {"family": ("dead-leaves-squares", "perlin"), "count": 600, "size": 48, "samples_per_shard": 25}
WORDS = [
    *("render", "dead-leaves-squares", "perlin", "--count", "600"),
    *("--size", "48", "--samples-per-shard", "25"),
]
KILLS = 30


def tars(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.tar")}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed") / "set"
    render(DatasetSpec(**SETTINGS), RunOptions(out=str(folder)))
    return folder


# A process that is killed.


def workers_of(process: Forked) -> list[int]:
    """List the worker processes of a run; its other child is Python's own resource tracker."""
    found = []
    for task in Path(f"/proc/{process.pid}/task").glob("*/children"):
        for child in task.read_text().split():
            try:
                line = Path(f"/proc/{child}/cmdline").read_bytes()
            except OSError:  # gone already
                continue
            if b"spawn_main" in line:
                found.append(int(child))
    return found


def kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def has_begun(folder: Path) -> bool:
    return any(folder.glob(".train-*")) or any(folder.glob("train-*"))


def kill_now_and_then(process: Forked, folder: Path, rng: random.Random, most: int) -> int:
    """Kill workers of a run until it is done, or the whole run; count the kills."""
    kills = 0
    while not has_begun(folder) and process.poll() is None:
        time.sleep(0.01)
    while kills < most and process.poll() is None:
        time.sleep(rng.uniform(0.0, 0.25))
        workers = workers_of(process)
        if rng.random() < 0.3 or not workers:
            if process.poll() is None and kill(process.pid):
                process.wait()
                return kills + 1
        else:
            kills += kill(rng.choice(workers))
    return kills


def wait_for_the_end_of(pids: set[int]) -> None:
    """Orphans notice at their next report that nobody listens."""
    limit = time.monotonic() + 300
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < limit, "workers outlive the run that they belonged to"
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes in /proc")
def test_thirty_kills_leave_no_trace(undisturbed, tmp_path):
    rng = random.Random(5)
    kills, sets = 0, 0
    while kills < KILLS:
        folder = tmp_path / f"set-{sets}"
        sets += 1
        while True:  # the same job in the same folder, until a run ends by itself
            process = start(*WORDS, "--workers", 2, "--retries", 100, "--out", folder)
            kills += kill_now_and_then(process, folder, rng, KILLS - kills)
            _, said = process.communicate()
            if process.returncode != -signal.SIGKILL:
                break
        assert process.returncode == 0, said
        assert tars(folder) == tars(undisturbed)
        assert names(folder) == names(undisturbed)
    assert kills == KILLS


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_asked_to_stop_leaves_whole_shards_and_goes_on(undisturbed, tmp_path, sign, code):
    folder = tmp_path / "set"
    process = start(*WORDS, "--workers", 2, "--out", folder)
    while not any(folder.glob("train-*_stats.json")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(sign)
    _, said = process.communicate(timeout=300)
    assert process.returncode == code, said
    assert "Traceback" not in said
    assert not [name for name in names(folder) if name.startswith(".")]
    assert {path.stem for path in folder.glob("*.tar")} == {
        path.name.removesuffix("_stats.json") for path in folder.glob("*_stats.json")
    }
    render(DatasetSpec(**SETTINGS), RunOptions(out=str(folder)))
    assert tars(folder) == tars(undisturbed)
    assert names(folder) == names(undisturbed)


def test_two_runs_of_one_job_at_once_do_no_harm(undisturbed, tmp_path):
    folder = tmp_path / "set"
    runs = [start(*WORDS, "--out", folder) for _ in range(2)]
    for run in runs:
        _, said = run.communicate(timeout=300)
        assert run.returncode == 0, said
    assert tars(folder) == tars(undisturbed)
    assert names(folder) == names(undisturbed)


# A disk that is full, or cannot be written.


def mounting() -> list[str]:
    """Return what lets a command mount a file system that nobody else sees."""
    for words in (["unshare", "-m"], ["unshare", "-Urm"]):
        probe = [*words, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        if shutil.which(words[0]) and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return words
    pytest.skip("neither root nor a user namespace may mount a tmpfs here")


def on_a_small_disk(folder: Path, *lines: str | Sequence[object]) -> list[subprocess.CompletedProcess]:
    """Run shell lines, and words of `patterngen`, where a folder may be a tmpfs that nobody else sees."""
    folder.mkdir()
    with Nursery(DRAWING, base_install(), [*mounting(), sys.executable]) as nursery:
        return [
            nursery.run(*(("sh", "-c", line) if isinstance(line, str) else ("patterngen.cli", *line)))
            for line in lines
        ]


def listed(done: subprocess.CompletedProcess) -> dict[str, str]:
    """Read what sha256sum printed, by name."""
    return {Path(name).name: digest for digest, name in map(str.split, done.stdout.splitlines())}


def test_a_full_disk_is_told_and_nothing_is_half_there(undisturbed, tmp_path):
    folder = tmp_path / "disk"
    rest = [*WORDS, "--workers", 2, "--out", folder / "set"]
    mounted, full, listing, found, _, grown, again, sums = on_a_small_disk(
        folder,
        f"mount -t tmpfs -o size=1m tmpfs {folder}",
        rest,
        f"ls -A {folder}/set",
        ("verify", folder / "set"),
        ("status", folder / "set"),
        f"mount -o remount,size=64m {folder}",
        rest,
        f"sha256sum {folder}/set/*.tar",
    )
    assert (mounted.returncode, grown.returncode) == (0, 0), mounted.stderr + grown.stderr
    assert full.returncode == 1, full.stderr
    error = next(line for line in full.stderr.splitlines() if line.startswith("error: "))
    assert f"{folder}/set: No space left on device: " in error
    assert "MB are free" in error
    assert f"`patterngen render --config {folder}/set/job.yaml --workers 2` goes on" in error
    assert "Traceback" not in full.stderr
    there = listing.stdout.split()
    assert not [name for name in there if name.startswith(".")]
    whole = {name.removesuffix("_stats.json") for name in there if name.endswith("_stats.json")}
    assert whole
    assert whole == {name.removesuffix(".tar") for name in there if name.endswith(".tar")}
    assert whole == {name.removesuffix(".parquet") for name in there if name.endswith(".parquet")}
    assert found.returncode == 0, found.stderr
    assert again.returncode == 0, again.stderr
    assert listed(sums) == tars(undisturbed)


def test_a_read_only_folder_is_named_and_can_be_read(undisturbed, tmp_path):
    folder = tmp_path / "disk"
    more_words = [*WORDS, "--out", folder / "set", "--count", 700]
    mounted, closed, more, other, same, status, stats, verify = on_a_small_disk(
        folder,
        f"mount -t tmpfs tmpfs {folder} && cp -r {undisturbed} {folder}/set",
        f"mount -o remount,ro {folder}",
        more_words,
        (*WORDS, "--out", folder / "new"),
        (*WORDS, "--out", folder / "set"),
        ("status", folder / "set"),
        ("stats", folder / "set"),
        ("verify", folder / "set"),
    )
    assert (mounted.returncode, closed.returncode) == (0, 0), mounted.stderr + closed.stderr
    for refused, name in ((more, "set"), (other, "new")):
        assert refused.returncode == 2, refused.stderr
        assert f"{folder}/{name}: " in refused.stderr
        assert "Read-only file system" in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert [done.returncode for done in (same, status, stats, verify)] == [0, 0, 0, 0]
    assert "all there already" in same.stdout
