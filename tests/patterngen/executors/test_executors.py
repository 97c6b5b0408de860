"""Where shards are drawn: retries, lost workers, and what becomes of a run that is stopped."""

import errno
import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from patterngen.errors import GaveUpError, PatternGenError
from patterngen.executors import execute
from patterngen.retry import RETRIES, FailureKind, Retry


class Count:
    """A progress that remembers."""

    def __init__(self) -> None:
        self.done = self.failed = 0

    def advance(self, n: int = 1) -> None:
        self.done += n

    def fail(self, n: int = 1) -> None:
        self.failed += n


def tries(folder: Path, shard: int) -> int:
    """Count a try of a shard, across processes."""
    (folder / f"{shard}-{os.getpid()}-{time.monotonic_ns()}").touch()
    return len(list(folder.glob(f"{shard}-*")))


def draw(folder: Path, shard: int, report, *, trouble: dict[int, str] | None = None, times: int = 99) -> None:
    """Draw ten pictures; some shards meet trouble at their first few tries, after four pictures."""
    attempt = tries(folder, shard)
    report(4)
    kind = (trouble or {}).get(shard) if attempt <= times else None
    if kind == "raise":
        raise ValueError(f"bad luck with {shard}")
    if kind == "mistake":
        raise PatternGenError("size 3: too small for this family")
    if kind == "full":
        raise OSError(errno.ENOSPC, "No space left on device")
    if kind == "cable":
        raise ConnectionResetError("the cable was pulled")
    if kind == "gave up":
        raise GaveUpError("four uploads failed")
    if kind == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    report(6)


def draw_after_the_first(folder: Path, shard: int, report, *, kind: str = "mistake") -> None:
    """Draw, but only once shard 0 has met its end: workers do not start at the same time."""
    while shard and not list(folder.glob("0-*")):
        time.sleep(0.001)
    time.sleep(0.005 if shard else 0)
    draw(folder, shard, report, trouble={0: kind})


@pytest.mark.parametrize("workers", [1, 2])
def test_every_shard_is_drawn_once(tmp_path, workers):
    count = Count()
    assert not execute(range(5), partial(draw, tmp_path), workers=workers, progress=count)
    assert sorted(path.name[0] for path in tmp_path.iterdir()) == list("01234")
    assert (count.done, count.failed) == (50, 0)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_shard_that_fails_once_is_drawn_again_and_counted_once(tmp_path, workers):
    count = Count()
    troubled = partial(draw, tmp_path, trouble={1: "raise"}, times=1)
    assert not execute(range(3), troubled, workers=workers, progress=count)
    assert (count.done, count.failed) == (30, 0)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_shard_that_keeps_failing_is_listed_and_the_others_are_drawn(tmp_path, workers):
    count = Count()
    failures = execute(
        range(4), partial(draw, tmp_path, trouble={1: "raise"}), workers=workers, progress=count
    )
    assert set(failures) == {1}
    assert "ValueError: bad luck with 1" in failures[1]
    assert len(list(tmp_path.glob("1-*"))) == RETRIES + 1
    assert (count.done, count.failed) == (34, 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_nobody_should_try_again_is_not(tmp_path, workers):
    failures = execute(
        range(3), partial(draw, tmp_path, trouble={1: "gave up"}), workers=workers, progress=Count()
    )
    assert "four uploads failed" in failures[1]
    assert len(list(tmp_path.glob("1-*"))) == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_what_may_pass_is_given_time(tmp_path, workers):
    start = time.monotonic()
    troubled = partial(draw, tmp_path, trouble={1: "cable"}, times=2)
    assert not execute(
        range(2), troubled, workers=workers, progress=Count(), retry=Retry(retries=2, pause=0.1)
    )
    assert time.monotonic() - start > 0.5 * 0.1 + 0.5 * 0.2


def test_pauses_grow_and_have_an_end():
    retry = Retry(pause=1.0)
    pauses = [retry.seconds(FailureKind.TRANSIENT, failed) for failed in range(1, 30)]
    assert all(0.5 * min(2.0**n, 30) <= pause <= min(2.0**n, 30) for n, pause in enumerate(pauses))
    assert retry.seconds(FailureKind.UNKNOWN, 3) == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_as_often_as_one_likes(tmp_path, workers):
    troubled = partial(draw, tmp_path, trouble={0: "raise"})
    assert set(execute(range(2), troubled, workers=workers, progress=Count(), retry=Retry(retries=0))) == {0}
    assert len(list(tmp_path.glob("0-*"))) == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_ends_the_run_at_once(tmp_path, workers):
    troubled = partial(draw_after_the_first, tmp_path, kind="full")
    with pytest.raises(OSError, match="No space left") as caught:
        execute(range(400), troubled, workers=workers, progress=Count())
    assert caught.value.errno == errno.ENOSPC
    assert len(list(tmp_path.glob("0-*"))) == 1


def test_a_lost_worker_is_replaced_and_its_shard_drawn_again(tmp_path):
    count = Count()
    assert not execute(
        range(4), partial(draw, tmp_path, trouble={1: "die"}, times=1), workers=2, progress=count
    )
    assert count.done == 40


def test_a_shard_that_kills_its_workers_is_given_up(tmp_path):
    failures = execute(range(3), partial(draw, tmp_path, trouble={1: "die"}), workers=2, progress=Count())
    assert set(failures) == {1}
    assert "worker died" in failures[1]
    assert {path.name[0] for path in tmp_path.iterdir()} == set("012")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_mistake_of_the_user_ends_the_run_at_once(tmp_path, workers):
    with pytest.raises(PatternGenError, match="too small"):
        execute(range(400), partial(draw_after_the_first, tmp_path), workers=workers, progress=Count())
    assert len(list(tmp_path.iterdir())) < 400
    assert len(list(tmp_path.glob("0-*"))) == 1
