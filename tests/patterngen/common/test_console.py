import os
import signal
import time
from dataclasses import dataclass
from typing import Literal

import pytest
import tyro

from patterngen.common.console import run
from patterngen.errors import PatternGenError, RunFailedError


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job."""

    family: tuple[str, ...]
    """What to draw."""
    where: tyro.conf.Positional[str] = "here"
    """A folder."""
    count: int
    """How many."""
    encode_format: Literal["jpg", "png"] = "jpg"
    """How stored: in one of the forms
    that readers know."""
    marks: tuple[int, ...] = (1, 2)
    """Several, of which some are usual."""
    tv_max: float | None = None
    """A bound."""
    dry_run: bool = False
    """Only tell."""

    def __post_init__(self):
        if self.count < 1:
            raise PatternGenError(f"count {self.count}: give a number above 0")


class Recorder:
    """Commands that keep what they were given."""

    def __init__(self):
        self.jobs = []

    def render(self, job: Job) -> None:
        """Draw things.

        At length.
        """
        self.jobs.append(job)

    def linear(self, job: Job) -> int:
        """Probe things."""
        return 7


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def call(recorder):
    commands = {"render": recorder.render, "transfer linear": recorder.linear}
    return lambda *words: run("prog", "Does things.", commands, words)


REQUIRED = ("render", "--family", "a", "--count", "3")


def test_flags_fill_the_dataclass(call, recorder):
    words = ("there", "--family", "b=0.5", "--tv-max", "0.5", "--encode-format", "png", "--dry-run")
    assert call(*REQUIRED, *words) == 0
    assert recorder.jobs == [
        Job(family=("a", "b=0.5"), where="there", count=3, encode_format="png", tv_max=0.5, dry_run=True)
    ]


def test_what_is_typed_stands_in_place_of_a_default(call, recorder, tmp_path):
    (tmp_path / "job.yaml").write_text("marks: [7, 8]\n")
    for words in ((), ("--marks", "3", "--marks=4"), ("--config", str(tmp_path / "job.yaml"))):
        assert call(*REQUIRED, *words) == 0
    assert call(*REQUIRED, "--config", str(tmp_path / "job.yaml"), "--marks", "5") == 0
    assert [job.marks for job in recorder.jobs] == [(1, 2), (3, 4), (7, 8), (5,)]


def test_equals_signs_and_underscores_are_the_same(call, recorder):
    assert call(*REQUIRED, "--encode_format=png", "--tv-max=1") == 0
    assert (recorder.jobs[0].encode_format, recorder.jobs[0].tv_max) == ("png", 1.0)


def test_flags_win_over_the_file(call, recorder, tmp_path):
    path = tmp_path / "job.yaml"
    path.write_text("family: [x, y]\ncount: 5\ndry_run: true\nwhere: filed\n")
    assert call("render", "--config", str(path)) == 0
    assert call("render", f"--config={path}", "--family", "a", "typed") == 0
    assert recorder.jobs == [
        Job(family=("x", "y"), where="filed", count=5, dry_run=True),
        Job(family=("a",), where="typed", count=5, dry_run=True),
    ]


def test_a_commands_number_is_the_exit_code(call):
    assert call("transfer", "linear", *REQUIRED[1:]) == 7


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rendr"], ["rendr", "did you mean render"]),
        (["transfer", "lineer"], ["transfer lineer", "did you mean transfer linear"]),
        ([*REQUIRED, "--dry-rum"], ["--dry-rum", "did you mean --dry-run"]),
        ([*REQUIRED, "--zzzzzz"], ["--zzzzzz", "prog render --help"]),
        (["render", "--family", "a"], ["needs --count"]),
        (["render"], ["needs --family and --count"]),
        (["render", "--family", "a", "--count"], ["--count"]),
        (["render", "--family", "a", "--count", "x"], ["--count", "'x'"]),
        (["render", "--family", "a", "--count", "0"], ["count 0", "above 0"]),
        ([*REQUIRED, "--encode-format", "gif"], ["gif", "jpg", "png"]),
        ([*REQUIRED, "one", "two"], ["two"]),
        ([*REQUIRED, "--where", "one"], ["--where", "without a flag", "prog render WHERE"]),
        ([*REQUIRED, "--config"], ["--config", "YAML"]),
        ([*REQUIRED, "--config", "no.yaml"], ["no.yaml", "No such file"]),
    ],
)
def test_a_wrong_word_is_answered_in_one_line_with_code_2(call, capsys, words, said):
    assert call(*words) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("error: ")
    assert output.err.count("\n") == 1
    assert all(word in output.err for word in said)


def test_help_and_version(call, capsys):
    assert call("--help") == 0
    overview = capsys.readouterr().out
    assert "render" in overview
    assert "Draw things." in overview
    assert "At length." not in overview
    assert call("render", "--help") == 0
    help_text = capsys.readouterr().out
    assert all(
        text in help_text for text in ("At length.", "--family", "What to draw.", "--config FILE.yaml")
    )
    words = " ".join(help_text.translate(dict.fromkeys(map(ord, "│╭╮╰╯─"), " ")).split())
    assert "How stored: in one of the forms that readers know. (default: jpg)" in words
    assert "Several, of which some are usual. (repeatable; unless given: 1 2)" in words
    assert "--count INT How many. (required)" in words
    assert words.endswith("--tv-max FLOAT A bound. --dry-run Only tell.")
    assert call("transfer", "--help") == 0
    below = capsys.readouterr().out
    assert "transfer linear" in below
    assert "Draw things." not in below
    assert call("--version") == 0
    assert capsys.readouterr().out.startswith("prog ")
    assert call() == 2


def raising(error):
    def command(job: Job) -> None:
        """Fail."""
        raise error

    return run("prog", "Fails.", {"render": command}, REQUIRED)


def test_each_failure_has_its_exit_code(capsys):
    assert raising(PatternGenError("no such thing")) == 2
    assert capsys.readouterr().err == "error: no such thing\n"
    assert raising(RunFailedError("failed:", "  shard 3")) == 1
    assert capsys.readouterr().err == "error: failed:\n  shard 3\n"
    assert raising(KeyboardInterrupt()) == 130
    assert raising(OSError(28, "No space left on device", "file.tar")) == 1
    assert "No space left on device: file.tar" in capsys.readouterr().err


def test_a_bug_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        raising(ZeroDivisionError())


def test_sigterm_unwinds_and_gives_143():
    cleaned = []

    def command(job: Job) -> None:
        """Wait."""
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        finally:
            cleaned.append(True)

    before = signal.getsignal(signal.SIGTERM)
    assert run("prog", "Waits.", {"render": command}, REQUIRED) == 143
    assert cleaned == [True]
    assert signal.getsignal(signal.SIGTERM) is before


class Slow:
    """Being deleted, it is interrupted."""

    def __init__(self, sent):
        self.sent = sent

    def __del__(self):
        signal.raise_signal(self.sent)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_while_something_is_deleted_is_not_lost(capsys, sent, code):
    def command(config: Job) -> None:
        thing = Slow(sent)
        del thing
        time.sleep(10)

    assert run("prog", "Waits.", {"render": command}, REQUIRED) == code
    assert "Traceback" not in capsys.readouterr().err
