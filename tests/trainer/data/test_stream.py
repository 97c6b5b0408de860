"""Batches: whose they are, and where a stream goes on; and the processes that read ahead."""

import errno
from dataclasses import replace
from multiprocessing import synchronize

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patterngen import DatasetSpec
from trainer.data.live import Live
from trainer.data.loader import batches
from trainer.data.mixture import Mixture
from trainer.errors import TrainerError

SPEC = DatasetSpec(family=("perlin", "fbm=2"), count=1, size=24, seed=3)


def every_source(shards):
    live = Live(spec=SPEC)
    mixture = Mixture(sources=(shards, live), weights=(2.0, 1.0), seed=5)
    return {"shards": shards, "live": live, "mixture": mixture}


@given(
    first=st.integers(0, 25), batch=st.integers(1, 11), kind=st.sampled_from(["shards", "live", "mixture"])
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_stream_from_batch_k_is_the_tail_of_the_whole(patterns, tools, first, batch, kind):
    # Crops and flips included.
    shards = tools.stream(patterns, seed=5, buffer=7).source
    stream = tools.stream(
        patterns, source=every_source(shards)[kind], size=(16, 8), batch_size=batch, augment="crop", seed=5
    )
    whole = tools.pictures(stream, first + 3)
    assert np.array_equal(tools.pictures(replace(stream, first_batch=first), 3), whole[first * batch :])


@pytest.mark.parametrize("kind", ["shards", "live", "mixture"])
@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("first", [1, 5])
def test_so_it_is_whatever_the_workers(patterns, tools, workers, first, kind):
    stream = tools.stream(patterns, source=every_source(tools.stream(patterns).source)[kind], batch_size=5)
    whole = tools.by_workers(stream, workers, first + 6)
    tail = tools.by_workers(replace(stream, first_batch=first), workers, 6)
    assert np.array_equal(np.concatenate(tail), np.concatenate(whole[first:]))


def test_processes_read_ahead_in_that_order(patterns, tools):
    stream = tools.stream(patterns, batch_size=5, first_batch=3, augment="mae", size=(16, 16))
    read = batches(stream, 2)
    ahead = np.concatenate([next(read).pictures.numpy() for _ in range(5)])
    assert np.array_equal(ahead, np.concatenate(tools.by_workers(stream, 2, 5)))


def test_no_process_reads_as_one_does(patterns, tools):
    stream = tools.stream(patterns, batch_size=5, first_batch=3)
    read = batches(stream, 0)
    here = np.concatenate([next(read).pictures.numpy() for _ in range(6)])
    assert np.array_equal(here, np.concatenate(tools.by_workers(stream, 1, 6)))


@pytest.mark.parametrize(("ranks", "workers"), [(1, 3), (3, 1)])
def test_ranks_and_workers_read_other_pictures_and_all(patterns, tools, ranks, workers):
    seen = []
    for rank in range(ranks):
        stream = tools.stream(patterns, rank=rank, ranks=ranks)
        seen += [
            i for batch in tools.by_workers(stream, workers, 3 * workers) for i in tools.identities(batch)
        ]
    assert sorted(seen) == sorted(tools.stored(patterns).values())


def test_live_ranks_and_workers_draw_other_pictures_and_all(tools):
    seen = []
    for rank in range(2):
        stream = tools.stream("", source=Live(spec=SPEC), rank=rank, ranks=2)
        seen += [i for batch in tools.by_workers(stream, 2, 8) for i in tools.identities(batch)]
    # 2 ranks × 2 workers × 4 batches × 4 pictures: one window each, the first 64 pictures of the job.
    alone = tools.pictures(tools.stream("", source=Live(spec=SPEC)), 16)
    assert sorted(seen) == sorted(tools.identities(alone))
    assert len(set(seen)) == 64


def test_processes_without_shared_memory_are_one_clear_line(patterns, tools, monkeypatch):
    def refused(*args, **named):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(synchronize.Lock, "__init__", refused)
    with pytest.raises(TrainerError, match=r"Read-only file system.*--workers 0"):
        batches(tools.stream(patterns), 1)
