"""The folder of a run, and whatever may befall it, against what must hold.

What must hold: whatever happened, the same command goes on to the same losses and the same weights, to the
bit; a checkpoint that was changed behind its back is found by `verify_runs` and passed over; what belongs to
somebody else stays; what cannot be done is refused in a `TrainerError` or `RunFailedError`.
"""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from patterngen.errors import PatternGenError, RunFailedError
from tests.operations import killed, meanwhile
from tests.searching import few
from tests.shallow import shallow_settings
from trainer.encoders.checkpoint import checkpoints
from trainer.encoders.exported import load_encoder
from trainer.errors import TrainerError
from trainer.pretraining.config import PretrainConfig
from trainer.pretraining.pretrain import EXPORT, pretrain
from trainer.results.verify import VerifyRunsConfig, verify_runs
from trainer.training.metrics_log import read_metrics

STEPS = 3
STOPS = st.integers(1, STEPS)
POINTS = st.integers(0, 40)
REFUSED = (PatternGenError, RunFailedError)


@pytest.fixture(scope="module")
def undisturbed(patterns, tmp_path_factory):
    """Settings, the loss of each step, and the encoder's weights after each."""
    plain = shallow_settings(patterns, None, steps=STEPS, save_every=1, show_every=0, keep_checkpoints=2)
    weights = {}
    for stop in range(1, STEPS + 1):
        settings = replace(plain, out=str(tmp_path_factory.mktemp("undisturbed") / "run"), stop_at=stop)
        run = pretrain(settings)
        weights[stop] = load_encoder(run / EXPORT)[1]
    return plain, [row["loss"] for row in read_metrics(run)], weights


class RunMachine(RuleBasedStateMachine):
    """One folder of a run whose undisturbed course is known."""

    plain: PretrainConfig
    losses: list[float]
    weights: dict[int, dict[str, torch.Tensor]]

    def __init__(self):
        super().__init__()
        self.room = Path(tempfile.mkdtemp(prefix="machine-")).resolve()
        self.run = self.room / "run"
        self.step = 0
        """Steps that are certainly saved, in a checkpoint that is as it was written."""
        self.changed = set()
        self.foreign = {}

    def teardown(self):
        shutil.rmtree(self.room)

    def train(self, stop, **changes):
        return pretrain(replace(self.plain, out=str(self.run), stop_at=stop, **changes))

    @property
    def files(self):
        found = [path for path in self.run.rglob("*") if path.is_file()]
        return {path.relative_to(self.run): path.read_bytes() for path in found}

    @invariant()
    def foreign_files_are_as_they_were(self):
        assert all(path.read_bytes() == data for path, data in self.foreign.items())

    @rule(stop=STOPS)
    def go_on(self, stop):
        saved = checkpoints(self.run)
        try:
            self.train(stop)
        except REFUSED:
            assert saved
            assert {path.name for path in saved} <= self.changed  # none is left to go on from
            shutil.rmtree(self.run / "checkpoints")
            self.forget()
            return
        self.step = max(stop, self.step)
        assert [row["loss"] for row in read_metrics(self.run)] == self.losses[: self.step]
        _, found = load_encoder(self.run / EXPORT)
        assert all(torch.equal(found[name], each) for name, each in self.weights[self.step].items())
        self.forget()

    def forget(self):
        """Say of no checkpoint that is gone, or was written anew, that it was changed."""
        there = {path.name for path in checkpoints(self.run)}
        self.changed = {name for name in self.changed if name in there and not self.is_sound(name)}
        self.foreign = {path: data for path, data in self.foreign.items() if path.exists()}

    def is_sound(self, name):
        try:
            verify_runs(VerifyRunsConfig(paths=(str(self.run / "checkpoints" / name),)))
        except REFUSED:
            return False
        return True

    @rule(stop=STOPS, point=POINTS)
    def kill(self, stop, point):
        if {path.name for path in checkpoints(self.run)} & self.changed:
            return
        killed(self.run, point, lambda: self.train(stop))
        saved = checkpoints(self.run)
        self.step = int(saved[-1].stem.removeprefix("step-")) if saved else 0

    @precondition(lambda self: checkpoints(self.run) and not self.changed)
    @rule(other=st.sampled_from([{"seed": 7}, {"image_size": "24"}, {"batch_size": 3}]))
    def another_run_is_refused(self, other):
        before = self.files
        with pytest.raises(TrainerError):
            self.train(STEPS, **other)
        after = self.files
        assert {path for path in before if after.get(path) != before[path]} <= {Path("environment.json")}

    @precondition(lambda self: checkpoints(self.run))
    @rule(data=st.data())
    def change_a_byte(self, data):
        path = data.draw(st.sampled_from(checkpoints(self.run)))
        before = path.read_bytes()
        place = data.draw(st.integers(0, len(before) - 1))
        flipped = before[place] ^ (1 << data.draw(st.integers(0, 7)))
        path.write_bytes(before[:place] + bytes([flipped]) + before[place + 1 :])
        if self.is_sound(path.name):  # a byte that says nothing of the weights
            was, now = (torch.load(self.put(each), weights_only=True) for each in (before, path.read_bytes()))
            assert was.keys() == now.keys()
            assert all(torch.equal(was["model"][name], now["model"][name]) for name in was["model"])
            assert was["extra"] == now["extra"]
        else:
            self.changed.add(path.name)
        sound = [int(p.stem[5:]) for p in checkpoints(self.run) if p.name not in self.changed]
        self.step = max(sound, default=0)

    @precondition(lambda self: checkpoints(self.run))
    @rule(data=st.data())
    def lose_a_checkpoint(self, data):
        path = data.draw(st.sampled_from(checkpoints(self.run)))
        path.unlink()
        self.changed.discard(path.name)
        sound = [int(p.stem[5:]) for p in checkpoints(self.run) if p.name not in self.changed]
        self.step = max(sound, default=0)

    @precondition(lambda self: checkpoints(self.run))
    @rule(name=st.sampled_from(["step-000000002 (copy).pt", "step-000000009.pt.bak", "before.pt"]))
    def copy_beside(self, name):
        path = self.run / "checkpoints" / name
        shutil.copyfile(checkpoints(self.run)[-1], path)
        self.foreign[path] = path.read_bytes()

    @precondition(lambda self: not self.changed)
    @rule(stop=STOPS, point=POINTS, other=st.sampled_from([{}, {"seed": 7}]))
    def two_at_once(self, stop, point, other):
        """Another command comes between two operations of a run, and is refused."""
        told = []

        def second():
            with pytest.raises(TrainerError, match="another command trains into it") as refused:
                self.train(stop, **other)
            told.append(refused)

        reached = meanwhile(self.run, point, lambda: self.train(stop), second)
        assert len(told) == reached
        self.go_on(stop)


def test_whatever_befalls_a_run(undisturbed):
    known = dict(zip(("plain", "losses", "weights"), undisturbed, strict=True))
    run_state_machine_as_test(type("Machine", (RunMachine,), known), settings=few(2, stateful_step_count=4))
