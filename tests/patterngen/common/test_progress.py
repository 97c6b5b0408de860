import io

import pytest

from patterngen.common import progress as progress_module
from patterngen.common.progress import Progress


class Clock:
    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress_module, "time", clock)
    return clock


def test_elsewhere_than_on_a_terminal_a_line_every_30_seconds(clock, capsys):
    with Progress(100, unit="images", label="render") as progress:
        for _ in range(10):
            clock.now += 10
            progress.advance(10)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split("/")[0] for line in lines] == ["render: 30", "render: 60", "render: 90", "render: 100"]
    assert "0:01:10 left" in lines[0]
    assert "1.00/s" in lines[0]
    assert "took 0:01:40" in lines[-1]


def test_failures_and_notes_are_shown(clock, capsys):
    with Progress(10, unit="steps", label="train") as progress:
        clock.now += 5
        progress.fail(2)
        progress.note("loss 0.5")
    assert capsys.readouterr().err.rstrip().endswith("2 failed · loss 0.5")


def test_what_was_done_before_does_not_count_for_the_rate(clock):
    with Progress(100, done=50) as progress:
        clock.now += 10
        progress.advance(10)
        assert "60/100" in progress.status()
        assert "1.00/s" in progress.status()
        assert "0:00:40 left" in progress.status()


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("no_color", [False, True])
def test_on_a_terminal_a_bar_that_obeys_no_color(monkeypatch, no_color):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    with Progress(100, label="render") as progress:
        progress.advance(100)
    assert "render" in terminal.getvalue()
    assert "100/100 images" in terminal.getvalue()
    colours = [f"\x1b[{code}m" for code in (31, 32, 35, 90, 91, 92, 95)]
    assert any(colour in terminal.getvalue() for colour in colours) is not no_color
