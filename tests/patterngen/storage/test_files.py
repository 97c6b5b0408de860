"""Files are whole or not there."""

import os
import socket
import subprocess
import sys

import pytest

from patterngen.errors import PatternGenError
from patterngen.storage.files import (
    atomic_file,
    leftovers,
    output_file,
    remove_leftovers,
    shared_marker,
    write_atomic,
)
from patterngen.storage.places import local_folder

DIE = """
import os, pathlib, sys
from patterngen.storage.files import atomic_file

with atomic_file(pathlib.Path(sys.argv[1]) / "dead.tar") as file:
    file.write(b"x")
    file.flush()
    os.kill(os.getpid(), 9)
"""


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def interrupt(path, error) -> None:
    with atomic_file(path) as file:
        file.write(b"new")
        raise error


def test_a_file_appears_whole(tmp_path):
    with atomic_file(tmp_path / "a.bin") as file:
        file.write(b"12345")
        assert not (tmp_path / "a.bin").exists()
    assert (tmp_path / "a.bin").read_bytes() == b"12345"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_interrupted_file_leaves_what_was_there(tmp_path, error):
    write_atomic(tmp_path / "a.bin", b"old")
    with pytest.raises(error):
        interrupt(tmp_path / "a.bin", error)
    assert (tmp_path / "a.bin").read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_a_file_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    (tmp_path / "folder.png").mkdir()
    assert output_file(str(tmp_path / "a.png"), ".png") == tmp_path / "a.png"
    for name, said in (("a.txt", "name a .png"), ("folder.png", "is a folder"), ("gone/a.png", "no folder")):
        with pytest.raises(PatternGenError, match=said):
            output_file(str(tmp_path / name), ".png")


def test_sweep_takes_the_files_of_the_dead_and_nothing_else(tmp_path):
    subprocess.run([sys.executable, "-c", DIE, str(tmp_path)], check=False)
    (tmp_path / ".hidden").touch()
    (tmp_path / ".rsync.tmp-1").touch()
    assert len(names(tmp_path)) == 3
    theirs = [
        f".a.tar.patterngen-{socket.gethostname()}-{rest}" for rest in ("notes", "1-abcdef.bak", "1-ABCDEF")
    ]
    for name in theirs:
        (tmp_path / name).touch()
    assert len(leftovers(tmp_path)) == 1
    with atomic_file(tmp_path / "living.tar") as file:
        file.write(b"1")
        remove_leftovers(tmp_path)
    assert names(tmp_path) == sorted([*theirs, ".hidden", ".rsync.tmp-1", "living.tar"])


def test_sweep_leaves_another_machines_files_for_a_day(tmp_path, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "node-7.cluster")
    subprocess.run([sys.executable, "-c", DIE, str(tmp_path)], check=False)  # which has this machine's name
    (left,) = tmp_path.iterdir()
    remove_leftovers(tmp_path)
    assert names(tmp_path) == [left.name]
    written = left.stat().st_mtime
    os.utime(left, (written, written - 23 * 3600))
    remove_leftovers(tmp_path)
    assert names(tmp_path) == [left.name]
    os.utime(left, (written, written - 25 * 3600))
    remove_leftovers(tmp_path)
    assert names(tmp_path) == []


def test_sweep_knows_this_machine_by_any_name(tmp_path, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "node-7.cluster")
    (tmp_path / ".train-000000.tar.patterngen-node-7.cluster-123-abcdef").touch()
    (tmp_path / ".train-000000.tar.patterngen-node-17.cluster-123-abcdef").touch()
    remove_leftovers(tmp_path)
    assert names(tmp_path) == [".train-000000.tar.patterngen-node-17.cluster-123-abcdef"]


def test_a_marker_is_there_as_long_as_it_is_needed(tmp_path):
    with shared_marker(tmp_path) as marker:
        remove_leftovers(tmp_path)
        assert marker.exists()
    assert names(tmp_path) == []


def test_folders_are_named_by_path_or_file_url(tmp_path):
    assert local_folder(str(tmp_path)) == local_folder(f"file://{tmp_path}") == tmp_path
    assert local_folder("file:///a%20b").as_posix() == "/a b"


@pytest.mark.parametrize("url", ["s3://bucket/x", "pipe:cat /etc/passwd", ""])
def test_other_places_are_refused(url):
    with pytest.raises(PatternGenError, match="give a path"):
        local_folder(url)
