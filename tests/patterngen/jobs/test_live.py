"""Pictures drawn for training as one goes."""

import multiprocessing
from itertools import islice

import numpy as np
import pytest
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from patterngen import stream_pictures
from patterngen.dataset.reader import Dataset
from patterngen.encode import Encoding, encode
from patterngen.errors import PatternGenError
from patterngen.jobs.spec import DatasetSpec


@pytest.fixture
def job():
    """The job of `sound_folder`."""
    families = ("dead-leaves-mixed", "dead-leaves-squares=0.5")
    return DatasetSpec(family=families, count=25, size=32, seed=7, samples_per_shard=10)


def test_it_draws_the_pictures_of_the_shards(job, sound_folder):
    for drawn, picture in zip(stream_pictures(job, window=4), Dataset(str(sound_folder)), strict=False):
        assert encode(drawn.pixels, Encoding()) == picture.data
        assert drawn.row == {name: picture.row[name] for name in drawn.row}
        assert drawn.class_id == picture.row["class_id"]
        assert drawn.params["leaves"] >= 1


def test_it_does_not_end_with_the_job(job):
    assert [drawn.index for drawn in islice(stream_pictures(job, window=8), 40)] == list(range(40))


@pytest.mark.parametrize("shares", [1, 2, 3])
@pytest.mark.parametrize("start", [0, 1, 5])
def test_shares_together_draw_each_picture_once(job, shares, start):
    drawn = [
        picture
        for share in range(shares)
        for picture in islice(stream_pictures(job, start=start, share=share, shares=shares, window=4), 8)
    ]
    indices = sorted(picture.index for picture in drawn)
    assert indices == list(range(4 * start, 4 * start + 8 * shares))


def test_the_window_does_not_change_a_pixel(job):
    one, other = (list(islice(stream_pictures(job, window=window), 12)) for window in (1, 12))
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("wrong", [{"share": 2, "shares": 2}, {"share": -1}, {"window": 0}, {"start": -1}])
def test_what_cannot_be_is_refused(job, wrong):
    with pytest.raises(PatternGenError, match="stream_pictures: "):
        stream_pictures(job, **wrong)


class LivePictures(IterableDataset):
    """The indices and pixel sums of one rank's part of a stream, as its loader's workers draw them."""

    def __init__(self, job, rank, ranks):
        self.job, self.rank, self.ranks = job, rank, ranks

    def __iter__(self):
        worker = get_worker_info()
        share, shares = self.rank * worker.num_workers + worker.id, self.ranks * worker.num_workers
        for drawn in stream_pictures(self.job, share=share, shares=shares, window=3):
            yield drawn.index, int(drawn.pixels.sum())


def test_loaders_of_two_ranks_share_the_pictures_of_a_job_and_those_after_it(job):
    # One process imports torch and is copied, before it has threads: four would import it four times.
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["torch.utils.data", "patterngen.jobs.job", "patterngen.jobs.draw"])
    loaders = [
        DataLoader(LivePictures(job, rank, 2), batch_size=3, num_workers=2, multiprocessing_context=processes)
        for rank in range(2)
    ]
    batches = [batch for loader in [iter(one) for one in loaders] for batch in islice(loader, 6)]
    drawn = sorted(
        pair for indices, sums in batches for pair in zip(indices.tolist(), sums.tolist(), strict=True)
    )
    # Disjoint and complete: the job's 25 pictures, and those that a larger count would have.
    assert drawn == [(one.index, int(one.pixels.sum())) for one in islice(stream_pictures(job), 36)]
