"""Several sources as one."""

from dataclasses import dataclass
from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.data.contract import Reader, Sample
from trainer.data.mixture import Mixture
from trainer.errors import TrainerError


@dataclass(frozen=True)
class Numbers:
    """A source of which sample n is called n."""

    name: str
    identity: str = "0"
    count: int = 10
    num_classes: int = 3
    readers: int = 9

    def check(self, ranks, workers):
        if ranks * workers > self.readers:
            raise TrainerError(f"{self.name} cannot")

    def samples(self, reader, passed):
        for number in count(passed):
            yield Sample(self.name, f"{reader.index}/{number}", 0, b"", number % 3)


def mixed(*weights, seed=0):
    return Mixture(sources=tuple(Numbers(str(i)) for i in range(len(weights))), weights=weights, seed=seed)


ALONE = Reader(0, 1)


def taken(mixture, number, reader=ALONE, passed=0):
    return [(s.place, s.key) for s in islice(mixture.samples(reader, passed), number)]


@given(weights=st.lists(st.floats(0.1, 10), min_size=2, max_size=4), seed=st.integers(0, 99))
def test_every_stretch_holds_the_shares(weights, seed):
    places = [place for place, _ in taken(mixed(*weights, seed=seed), 700)]
    for begin in range(0, 700, 100):
        for i, weight in enumerate(weights):
            share = places[begin : begin + 100].count(str(i)) / 100
            # A source's turns are those of a sequence of discrepancy O(log n / n).
            assert abs(share - weight / sum(weights)) < 0.05


def test_classes_of_the_second_source_follow_those_of_the_first():
    mixture = mixed(1, 2, 1)
    assert mixture.num_classes == 9
    for sample in islice(mixture.samples(ALONE, 0), 60):
        number = int(sample.key.partition("/")[2])
        assert sample.class_id == 3 * int(sample.place) + number % 3


@given(passed=st.integers(0, 3000), index=st.integers(0, 2))
def test_a_sample_is_found_by_its_number(passed, index):
    mixture = mixed(1, 2.5, 0.3)
    assert (
        taken(mixture, 20, Reader(index, 3), passed) == taken(mixture, passed + 20, Reader(index, 3))[passed:]
    )


def test_far_samples_too(monkeypatch):
    mixture = mixed(1, 2)
    whole = taken(mixture, 500)
    monkeypatch.setattr("trainer.data.mixture._BLOCK", 64)
    assert taken(mixture, 50, passed=450) == whole[450:]


def test_every_source_is_read_in_its_own_order():
    keys = [key for place, key in taken(mixed(1, 3), 100) if place == "0"]
    assert keys == [f"0/{n}" for n in range(len(keys))]


def test_parts_and_seeds_interleave_differently():
    orders = {
        tuple(place for place, _ in taken(mixed(1, 1, seed=s), 20, Reader(p, 2)))
        for s in (0, 1)
        for p in (0, 1)
    }
    assert len(orders) > 1


def test_every_source_must_feed_every_reader():
    mixture = Mixture(sources=(Numbers("a"), Numbers("b", readers=2)), weights=(1, 1), seed=0)
    mixture.check(2, 1)
    with pytest.raises(TrainerError, match="b cannot"):
        mixture.check(3, 1)


def test_identity_and_count_are_of_all():
    one, other = (Mixture(sources=(Numbers("a"), Numbers("b", x)), weights=(1, 1), seed=0) for x in "12")
    assert one.identity != other.identity
    assert one.count == 20
