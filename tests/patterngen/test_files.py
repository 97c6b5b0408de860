"""Files are whole or not there."""

import subprocess
import sys

import pytest

from patterngen.errors import PatternGenError
from patterngen.files import atomic_file, local_folder, sweep, write_atomic

DIE = """
import os, pathlib, sys
from patterngen.files import atomic_file

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


def test_sweep_takes_the_files_of_the_dead_and_nothing_else(tmp_path):
    subprocess.run([sys.executable, "-c", DIE, str(tmp_path)], check=False)
    (tmp_path / ".hidden").touch()
    (tmp_path / ".rsync.tmp-1").touch()
    assert len(names(tmp_path)) == 3
    with atomic_file(tmp_path / "living.tar") as file:
        file.write(b"1")
        sweep(tmp_path)
    assert names(tmp_path) == [".hidden", ".rsync.tmp-1", "living.tar"]


def test_folders_are_named_by_path_or_file_url(tmp_path):
    assert local_folder(str(tmp_path)) == local_folder(f"file://{tmp_path}") == tmp_path
    assert local_folder("file:///a%20b").as_posix() == "/a b"


@pytest.mark.parametrize("url", ["s3://bucket/x", "pipe:cat /etc/passwd", ""])
def test_other_places_are_refused(url):
    with pytest.raises(PatternGenError, match="give a path"):
        local_folder(url)
