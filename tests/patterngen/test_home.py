"""A machine without a home folder, or without one for temporary files: one line that says what to set."""

import errno
import os
import tempfile
from dataclasses import dataclass

import pytest

from patterngen.cli import main
from patterngen.common.console import run
from patterngen.dataset.staging import workroom
from patterngen.errors import PatternGenError
from patterngen.home import expanded
from patterngen.storage.places import RemotePath

NOBODY = "~nobody-is-called-so/data"


@pytest.fixture
def nowhere(monkeypatch):
    """No folder for temporary files."""

    def search():
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp', '/']")

    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", search)


def test_a_home_stands_for_its_sign(monkeypatch):
    monkeypatch.setenv("HOME", "/there")
    assert str(expanded("~/data")) == "/there/data"
    assert str(expanded("data/~")) == "data/~"
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # what it does where there is none
    with pytest.raises(PatternGenError, match="~/data: there is no such home folder"):
        expanded("~/data")


@pytest.mark.parametrize(
    "words",
    [
        ("status", NOBODY),
        ("stats", NOBODY),
        ("render", "perlin", "--count", "1", "--out", NOBODY),
        ("render", f"shaders?dir={NOBODY}", "--count", "1", "--out", "nowhere"),
        ("render", "--config", NOBODY),
        ("shaders", "check", NOBODY),
        ("shaders", "new", "--out", NOBODY),
        ("show", "perlin", "--seed", "1", "--out", "one.png", "--quarantine", NOBODY),
        ("preview", "perlin", "--out", f"{NOBODY}.png"),
    ],
)
def test_a_home_that_is_not_there_is_one_line(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert "~nobody-is-called-so" in output.err


def test_no_room_for_temporary_files(nowhere):
    with pytest.raises(PatternGenError, match="--scratch"):
        workroom(RemotePath("memory://bucket/set"), None)


@dataclass(frozen=True)
class Nothing:
    """No settings."""


def anything(config: Nothing) -> None:
    """Do what torch does as it is imported."""
    tempfile.gettempdir()


def test_what_others_want_of_it_is_told_of_too(nowhere, capsys):
    assert run("program", "Does things.", {"do": anything}, ["do"]) == 1
    assert capsys.readouterr().err.endswith("; set TMPDIR to a folder that can be written\n")
