"""How tasks of a Ray cluster are kept in flight, lost and tried again, on a cluster made of nothing.

What Ray itself does is tested in `tests/end_to_end/test_clusters.py`.
"""

import logging
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from patterngen import __version__
from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.executors import RayOptions, execute
from patterngen.executors.ray import LOSSES, _Call, _draw_one
from patterngen.jobs.run_options import RunOptions
from patterngen.retry import Retry


class RayError(Exception):
    """As Ray's: the task was lost."""


class RayTaskError(RayError):
    """As Ray's: the task raised."""

    def __init__(self, cause):
        self.cause = cause


class FakeRay:
    """As much of Ray as the executor uses. A task runs when it is waited for, oldest first, one at a time."""

    exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError)

    def __init__(self, lose=None, cpus=2):
        self.lose = dict(lose or {})  # how often a shard's worker is still to be lost
        self.cpus = cpus
        self.most_in_flight = 0
        self.waiting, self.done, self.cancelled = {}, {}, []
        self.options = []

    def is_initialized(self):
        return True

    def cluster_resources(self):
        return {"CPU": float(self.cpus), "GPU": 1.0}

    def put(self, value):
        return value

    def kill(self, actor):
        pass

    def cancel(self, result, force):
        self.cancelled.append(result)
        self.done[result] = RayError("cancelled")
        self.waiting.pop(result, None)

    def remote(self, **options):
        self.options.append(options)

        def wrap(callable_or_class):
            if isinstance(callable_or_class, type):
                return SimpleNamespace(remote=lambda: self._actor(callable_or_class()))
            return SimpleNamespace(remote=lambda *given: self._later(callable_or_class, given))

        return wrap

    def _actor(self, actor):
        def method(name):
            return SimpleNamespace(remote=lambda *given: self._now(getattr(actor, name)(*given)))

        return SimpleNamespace(add=method("add"), take=method("take"))

    def _now(self, value):
        self.done[result := object()] = value
        return result

    def _later(self, function, given):
        self.waiting[result := object()] = function, given
        self.most_in_flight = max(self.most_in_flight, len(self.waiting))
        return result

    def wait(self, results, num_returns=1, timeout=None):
        ready = [result for result in results if result in self.done]
        if not ready and timeout:
            result = next(iter(self.waiting))
            function, (draw, call, board) = self.waiting.pop(result)
            if self.lose.get(call.shard, 0):
                self.lose[call.shard] -= 1
                self.done[result] = RayError("The node died. Here follow pages")
            else:
                self.done[result] = function(draw, call, board)
            ready = [result]
        return ready[:num_returns], [result for result in results if result not in ready]

    def get(self, result):
        value = self.done.pop(result)
        if isinstance(value, Exception):
            raise value
        return value


class Count:
    def __init__(self):
        self.done = self.failed = 0

    def advance(self, n):
        self.done += n

    def fail(self, n):
        self.failed += n


def draw(shard, report):
    report(4)
    report(6)


@pytest.fixture
def run(monkeypatch):
    """Run an executor on a fake cluster and return it, what failed and what was counted."""

    def run(shards, draw=draw, options=None, **cluster):
        fake, count = FakeRay(**cluster), Count()
        monkeypatch.setitem(sys.modules, "ray", fake)
        failures = execute(
            range(shards), draw, workers=1, progress=count, retry=Retry(), ray=options or RayOptions()
        )
        return fake, failures, count

    return run


def test_every_shard_is_drawn_and_few_are_in_flight(run):
    fake, failures, count = run(100)
    assert not failures
    assert count.done == 1000
    assert fake.most_in_flight == 2 * fake.cpus


def test_a_share_of_a_gpu_is_asked_for_and_bounds_what_is_in_flight(run):
    fake, _, count = run(20, options=RayOptions(gpus=0.5), cpus=64)
    assert count.done == 200
    assert fake.options[0]["num_gpus"] == 0.5
    assert fake.most_in_flight == 2 * 2


def test_a_lost_worker_costs_no_attempt_and_is_told(run, caplog):
    _, failures, count = run(4, lose={2: LOSSES})
    assert not failures
    assert (count.done, count.failed) == (40, 0)
    assert len(caplog.messages) == LOSSES
    assert caplog.messages[0] == "shard 2: its worker was lost (RayError: The node died)"


def test_a_shard_that_ends_all_its_workers_is_given_up(run):
    _, failures, count = run(4, lose={2: LOSSES + 1})
    assert failures == {2: "its worker was lost (RayError: The node died)"}
    assert (count.done, count.failed) == (30, 1)


def test_a_shard_that_keeps_failing_is_listed_and_the_others_are_drawn(run):
    tried = []

    def fails(shard, report):
        report(4)
        if shard == 1:
            tried.append(shard)
            raise ValueError("bad luck")
        report(6)

    _, failures, count = run(4, fails)
    assert "ValueError: bad luck" in failures[1]
    assert len(tried) == Retry().retries + 1
    assert count.failed == 1
    assert 30 <= count.done <= 34, "what it had drawn of the failed one need not have been told"


@pytest.mark.parametrize("error", [PatternGenError("too small"), KeyboardInterrupt()])
def test_what_ends_the_run_cancels_what_is_in_flight(run, error, monkeypatch):
    clusters = []
    monkeypatch.setattr(FakeRay, "is_initialized", lambda self: clusters.append(self) or True)

    def ends(shard, report):
        raise error

    with pytest.raises(type(error)):
        run(50, ends)
    assert len(clusters[0].cancelled) >= 3
    assert not clusters[0].waiting


def test_a_cluster_without_the_gpus_is_told_of(run, caplog, monkeypatch):
    monkeypatch.setattr(FakeRay, "cluster_resources", lambda self: {"CPU": 8.0})
    run(1, options=RayOptions(gpus=1))
    assert caplog.messages == ["the Ray cluster has no node with a CPU and GPU now: waiting for one"]


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'patterngen\[ray\]'"):
        execute([0], draw, workers=1, progress=Count(), ray=RayOptions())


def test_what_a_node_warns_of_is_brought_home():
    def warns(shard, report):
        logging.getLogger("patterngen").warning("shader program %s is left out", "slow")
        logging.getLogger("patterngen").info("nobody asked")

    call = _Call(shard=0, pause=0.0, marker=None, version=__version__, number=1)
    assert _draw_one(warns, call, None) == ("done", 0, [(logging.WARNING, "shader program slow is left out")])
    assert not [h for h in logging.getLogger("patterngen").handlers if type(h).__name__ == "_Notes"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"version": "0.0.1"}, "the command 0.0.1: install the same version everywhere"),
        ({"marker": Path("/nowhere/set/.shared")}, "does not see /nowhere/set as the command's machine does"),
    ],
)
def test_a_node_that_would_draw_elsewhere_or_otherwise_ends_the_run(call, said):
    given = {"shard": 0, "pause": 0.0, "marker": None, "version": __version__, "number": 1} | call
    outcome, error, _ = _draw_one(draw, _Call(**given), None)
    assert outcome == "end"
    assert isinstance(error, PatternGenError)
    assert said in str(error)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ray_address": "head:6379"}, "--ray-address head:6379 .* add --executor ray"),
        ({"ray_gpus": 0.5}, "--ray-gpus 0.5 .* add --executor ray"),
        ({"executor": "ray", "ray_gpus": 1.5}, "ray-gpus 1.5: give a share below 1, or whole GPUs"),
        ({"executor": "ray", "ray_gpus": -1.0}, "ray-gpus -1.0"),
    ],
)
def test_settings_that_say_nothing_or_nonsense_are_refused(fields, said):
    with pytest.raises(PatternGenError, match=said):
        RunOptions(out="set", **fields)
