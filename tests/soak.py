"""What `scripts/soak.sh` does: rounds that a seed chooses, until time is up, each ending as it must."""

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.forked import Forked, Nursery
from tests.patterngen.jobs.small import whole
from tests.processes import ROOT, base_install, start

JOB = ("render", "dead-leaves-squares", "perlin", "--count", 60, "--size", 32, "--samples-per-shard", 5)
LEARN = "--image-size 32 --patch-size 16 --batch-size 4 --decoder-dim 16 --decoder-depth 1 --log-every 1"
LEARN += " --model vit_tiny --steps 8 --save-every 2 --show-every 0 --workers 0 --keep-checkpoints 2"
SEARCHES = {
    "datasets": ("tests/patterngen/jobs/test_dataset_machine.py", 2),
    "runs": ("tests/trainer/test_run_machine.py", 2),
    "files": ("tests/patterngen/test_fuzz.py", 3),
    "trainer's files": ("tests/trainer/test_fuzz.py", 3),
}
"""Tests that search, and how many times as many examples as usual they look at in a round."""
_COUNTED = re.compile(r"(\d+) passing, (\d+) failing")


class Soak:
    """Rounds, and what they have counted.

    Args:
        room: a folder for all that is made.
        seed: of every choice.
    """

    def __init__(self, room: Path, seed: int) -> None:
        self.room, self.rng, self.counts = room, random.Random(seed), Counter()
        environment = {**base_install(), "PYTHONPATH": str(ROOT)}
        self.trainer = Nursery("import timm, trainer.pretraining.pretrain", environment)
        self.drawn, self.learned = room / "drawn", room / "learned"
        assert start(*JOB, "--out", self.drawn).wait() == 0
        assert self.learn(self.learned).wait() == 0
        self.losses = _losses(self.learned)

    def learn(self, out: Path) -> Forked:
        return self.trainer.start(
            "trainer.cli", "pretrain", "--data", self.drawn, "--out", out, *LEARN.split()
        )

    def disturbed(self, begin: Callable[[], Forked], seconds: float) -> None:
        """Begin a command and kill it, until it ended by itself; in the end it must have succeeded."""
        while True:
            process = begin()
            if self.rng.random() < 0.8:
                end = time.monotonic() + self.rng.uniform(0, seconds)
                while time.monotonic() < end and process.poll() is None:
                    time.sleep(0.01)
                process.kill()
            if process.wait() != -9:
                assert process.returncode == 0, process.communicate()[1]
                return
            self.counts["kills"] += 1

    def drawing(self) -> str:
        """Kill a run that draws, with one process or two, time after time."""
        out, workers = self.room / "set", self.rng.choice([1, 2])
        self.disturbed(lambda: start(*JOB, "--workers", workers, "--out", out), 3.0)
        assert whole(out).keys() == whole(self.drawn).keys()
        assert _tars(out) == _tars(self.drawn)
        return f"drawing with {workers} processes"

    def learning(self) -> str:
        """Kill a run that learns, time after time."""
        out = self.room / "run"
        self.disturbed(lambda: self.learn(out), 12.0)
        assert _losses(out) == self.losses
        return "learning"

    def searching(self) -> str:
        """Look at more examples of one of the searches."""
        name = self.rng.choice(list(SEARCHES))
        file, more = SEARCHES[name]
        seed = self.rng.randrange(2**31)
        words = (
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "--hypothesis-show-statistics",
            f"--hypothesis-seed={seed}",
        )
        command = [sys.executable, "-m", "pytest", *words, file]
        environment = {**os.environ, "MORE_EXAMPLES": str(more), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        passed = sum(int(found[1]) for found in _COUNTED.finditer(done.stdout))
        self.counts[f"searches of {name}"] += 1
        self.counts["examples that were counted"] += passed  # a machine that a test runs itself is not
        assert done.returncode == 0, done.stdout[-6000:]
        return f"searching {name}, --hypothesis-seed={seed}"


def _tars(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.tar")}


def _losses(run: Path) -> list[float]:
    from trainer.training.metrics_log import read_metrics  # not at the top: who draws needs no torch

    return [row["loss"] for row in read_metrics(run)]


def main(hours: float, seed: int) -> int:
    """Soak for so long; return how many rounds failed."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as room, Path(f"soak-{seed}.log").open("a") as log:

        def say(text: str) -> None:
            line = f"{(time.monotonic() - begun) / 3600:7.3f} h  {text}"
            print(line, flush=True)
            print(line, file=log, flush=True)

        soak = Soak(Path(room), seed)
        while time.monotonic() < begun + 3600 * hours:
            kind = soak.rng.choice([soak.drawing, soak.drawing, soak.learning, soak.searching])
            soak.counts["rounds"] += 1
            try:
                say(kind())
            except Exception as error:  # whatever it is, it is what one wants to know
                soak.counts["failures"] += 1
                say(f"FAILED {kind.__name__}: {type(error).__name__}: {error}")
            for name in ("set", "run"):
                _remove(Path(room, name))
        counted = ", ".join(f"{count} {what}" for what, count in sorted(soak.counts.items()))
        say(f"seed {seed}: {counted}, {soak.counts['failures']} failures")
    return soak.counts["failures"]


def _remove(folder: Path) -> None:
    subprocess.run(["rm", "-rf", folder], check=True)


if __name__ == "__main__":
    sys.exit(min(1, main(float(sys.argv[1]), int(sys.argv[2]))))
