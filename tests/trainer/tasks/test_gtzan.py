from collections import Counter

import pytest

from trainer import tasks
from trainer.errors import TrainerError
from trainer.tasks.gtzan import partition

GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")


def test_the_partition_is_that_of_the_field():
    """The counts are those that every paper with this split states."""
    found = list(partition())
    assert Counter(split for _, _, split in found) == {"train": 443, "valid": 197, "test": 290}
    assert len({(genre, number) for genre, number, _ in found}) == 930
    assert sorted({genre for genre, _, _ in found}) == list(GENRES)
    assert all(0 <= number < 100 for _, number, _ in found)
    # Blues come as series of one artist each: 12 by the first, 17 by the second, 21 by the third.
    blues = {number: split for genre, number, split in found if genre == "blues"}
    series = (range(12), range(12, 29), range(29, 50))
    assert [{blues[number] for number in one} for one in series] == [{"valid"}, {"test"}, {"train"}]


@pytest.fixture(params=["wav", "au"])
def published(request, tmp_path, sound):
    sample = sound(tmp_path / f"sample.{request.param}", rate=22_050).read_bytes()
    for genre in GENRES:
        (tmp_path / "genres" / genre).mkdir(parents=True)
        for i in range(100):
            (tmp_path / "genres" / genre / f"{genre}.{i:05d}.{request.param}").write_bytes(sample)
    return tmp_path


def test_published_layout(published, apart):
    task = tasks.load("gtzan", published)
    assert task.classes == GENRES
    (fold,) = task.folds()
    assert (len(fold.train), len(fold.valid), len(fold.test)) == (443, 197, 290)
    apart(task, lambda path: path.name)
    assert tasks.load("gtzan", published / "genres").clips == task.clips


def test_an_excerpt_that_is_missing(published):
    next((published / "genres" / "jazz").glob("jazz.00054.*")).unlink()
    with pytest.raises(TrainerError, match=r"fault-filtered split of GTZAN lists 1 of 930 .*jazz\.00054"):
        tasks.load("gtzan", published)
