"""Work in threads: its order, what is left behind, and that no result depends on the number of cores."""

import threading
import time

import pytest
import torch

from trainer.parallel import in_order


def test_results_come_in_order():
    def slow_at_first(number):
        time.sleep(0.02 if number == 0 else 0)
        return number

    assert list(in_order(slow_at_first, range(30), workers=3)) == list(range(30))


def test_work_is_not_done_all_at_once_and_leaves_no_thread():
    asked = 0

    def items():
        nonlocal asked
        for _ in range(1000):
            asked += 1
            yield asked

    threads = torch.get_num_threads()
    results = in_order(abs, items(), workers=1)
    next(results)
    assert asked < 20
    results.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]
    assert torch.get_num_threads() == threads


def test_an_error_comes_at_its_turn():
    results = in_order(lambda number: 1 / number, [2, 1, 0, 1])
    assert [next(results), next(results)] == [0.5, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)
