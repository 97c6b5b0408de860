import signal
import threading

import pytest

from trainer.training.signals import deferred_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_until_the_step_is_whole(number):
    done, heard = [], []
    previous = signal.signal(number, lambda *_: heard.append(list(done)))
    try:
        with deferred_signals():
            signal.raise_signal(number)
            done.append("step")
        assert heard == [["step"]]
        signal.raise_signal(number)  # and afterwards is heard at once
        assert len(heard) == 2
    finally:
        signal.signal(number, previous)


def test_other_threads_need_no_such_care():
    entered = []

    def work():
        with deferred_signals():
            entered.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert entered
