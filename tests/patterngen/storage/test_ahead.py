"""Working ahead in threads."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.storage.ahead import map_ahead


@given(items=st.lists(st.integers()), threads=st.integers(1, 4))
def test_results_come_in_the_order_of_the_items(items, threads):
    assert list(map_ahead(lambda item: item * 2, items, threads)) == [item * 2 for item in items]


def test_it_works_ahead_but_not_far():
    taken = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    results = map_ahead(lambda number: number, items(), 2)
    assert [next(results) for _ in range(10)] == list(range(10))
    assert 10 < len(taken) <= 10 + 2 * 2


def test_threads_work_at_the_same_time():
    together = threading.Barrier(3, timeout=30)
    assert list(map_ahead(lambda _: together.wait() is not None, range(3), 3)) == [True] * 3


def test_an_error_comes_in_its_turn_and_ends_the_work():
    begun = []

    def fail(number):
        begun.append(number)
        if number == 3:
            raise ValueError("three")
        time.sleep(0.001)
        return number

    results = map_ahead(fail, range(1000), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(results)
    assert len(begun) < 20
