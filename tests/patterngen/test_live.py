"""Pictures drawn for training as one goes."""

from itertools import islice

import numpy as np
import pytest

from patterngen import encode_picture, stream
from patterngen.access import Dataset
from patterngen.encode import Encoding
from patterngen.errors import PatternGenError
from patterngen.job import RenderJob


@pytest.fixture
def job():
    """The job of `sound_folder`."""
    families = ("dead-leaves-mixed", "dead-leaves-squares=0.5")
    return RenderJob(family=families, out="/nowhere", count=25, size=32, seed=7, samples_per_shard=10)


def test_it_draws_the_pictures_of_the_shards(job, sound_folder):
    for drawn, picture in zip(stream(job, window=4), Dataset(str(sound_folder)), strict=False):
        assert encode_picture(drawn.pixels, Encoding()) == picture.data
        assert drawn.row == {name: picture.row[name] for name in drawn.row}
        assert drawn.class_id == picture.row["class_id"]
        assert drawn.params["leaves"] >= 1


def test_it_does_not_end_with_the_job(job):
    assert [drawn.index for drawn in islice(stream(job, window=8), 40)] == list(range(40))


@pytest.mark.parametrize("shares", [1, 2, 3])
@pytest.mark.parametrize("start", [0, 1, 5])
def test_shares_together_draw_each_picture_once(job, shares, start):
    drawn = [
        picture
        for share in range(shares)
        for picture in islice(stream(job, start=start, share=share, shares=shares, window=4), 8)
    ]
    indices = sorted(picture.index for picture in drawn)
    assert indices == list(range(4 * start, 4 * start + 8 * shares))


def test_the_window_does_not_change_a_pixel(job):
    one, other = (list(islice(stream(job, window=window), 12)) for window in (1, 12))
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("wrong", [{"share": 2, "shares": 2}, {"share": -1}, {"window": 0}, {"start": -1}])
def test_what_cannot_be_is_refused(job, wrong):
    with pytest.raises(PatternGenError, match="stream: "):
        stream(job, **wrong)
