import os
from pathlib import Path

import pytest

from trainer.errors import TrainerError
from trainer.tasks import debian, drums


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine whose apt-get and dpkg are these shell scripts and nothing else is installed."""
    tools = tmp_path / "bin"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))

    def install(name, script):
        (tools / name).write_text(f"#!/bin/sh\nPATH={os.defpath}\n{script}\n")
        (tools / name).chmod(0o755)

    return install


def works(machine):
    machine("apt-get", 'touch "$3_1.0_all.deb"; echo called >> "$0.log"')
    machine("dpkg", '[ -f "$2" ] && mkdir -p "$3/usr/share" && echo ok > "$3/usr/share/sound"')


def test_fetched_once(machine, tmp_path):
    works(machine)
    cache = tmp_path / "deep" / "cache"
    for _ in range(2):
        tree = drums.fetch(cache)
        assert tree == cache / "hydrogen-drumkits"
        assert (tree / "usr/share/sound").read_text() == "ok\n"
    assert (tmp_path / "bin" / "apt-get.log").read_text() == "called\n"
    assert list(cache.iterdir()) == [tree]


def test_no_network_leaves_nothing_and_says_what_apt_said(machine, tmp_path):
    works(machine)
    machine("apt-get", "echo W: warned >&2; echo 'E: Unable to locate package' >&2; exit 100")
    with pytest.raises(
        TrainerError, match=r"`apt-get download` failed .*Unable to locate package.*apt-get update"
    ):
        drums.fetch(tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_a_broken_archive_leaves_nothing(machine, tmp_path):
    works(machine)
    machine("dpkg", "mkdir -p $3; echo 'dpkg-deb: error: not a Debian archive' >&2; exit 2")
    with pytest.raises(TrainerError, match="not a Debian archive"):
        drums.fetch(tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_an_archive_that_apt_did_not_leave(machine, tmp_path):
    works(machine)
    machine("apt-get", "true")
    with pytest.raises(TrainerError, match="`dpkg --extract` failed"):
        drums.fetch(tmp_path / "cache")


def test_another_system_is_told_what_is_missing(machine, tmp_path):
    with pytest.raises(TrainerError, match="needs Debian's apt-get"):
        drums.fetch(tmp_path / "cache")


def test_a_cache_that_cannot_be_written(machine, tmp_path):
    works(machine)
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainerError, match="cannot be unpacked into"):
        drums.fetch(tmp_path / "file" / "cache")


@pytest.mark.parametrize(
    ("value", "base"), [("/var/tmp/x", Path("/var/tmp/x")), ("", None), ("relative", None)]
)
def test_cache_folder(monkeypatch, tmp_path, value, base):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    assert debian.cache_folder() == (base or tmp_path / ".cache") / "patterngen"
