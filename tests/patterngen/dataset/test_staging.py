"""Remote folders are worked on in a local one, of which everything arrives, and nothing stays."""

import json
import os
import subprocess
import sys
from pathlib import Path

import fsspec
import pytest

from patterngen.dataset.folder import NOTES_FILE, QUARANTINE_FILE, DatasetFolder
from patterngen.dataset.staging import nearby, staged
from patterngen.errors import PatternGenError
from patterngen.jobs.draw import render_shard
from patterngen.jobs.rendering import render
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec
from patterngen.storage.places import listing, place

FOLDER = "memory://bucket/set"

DIE = """
import os, sys
from patterngen.dataset.staging import staged
from patterngen.storage.places import place

with staged(place("memory://bucket/set"), sys.argv[1]) as folder:
    (folder / "train-000000.tar").write_bytes(b"half")
    os.kill(os.getpid(), 9)
"""


@pytest.fixture(autouse=True)
def _empty_memory():
    fsspec.filesystem("memory").store.clear()


@pytest.fixture
def folder():
    return place(FOLDER)


def lines(folder, listed):
    return (folder / listed).read_bytes().splitlines()


def job(**changes):
    spec = DatasetSpec(family=("perlin",), count=4, size=16, samples_per_shard=2)
    return spec, RunOptions(out=FOLDER, **changes)


def test_a_local_folder_is_its_own_stage(tmp_path):
    with staged(tmp_path, None) as stage, nearby(tmp_path) as near:
        assert stage == near == tmp_path


def test_nothing_is_sent_after_an_error(folder, tmp_path):
    def fail():
        with staged(folder, str(tmp_path)) as stage:
            (stage / "programs").mkdir()
            (stage / "programs" / "a.glsl").write_text("void main() {}")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert listing(folder) == listing(folder / "programs") == {}
    assert list(tmp_path.iterdir()) == []


def test_programs_arrive_and_come_back(folder, tmp_path):
    with staged(folder, str(tmp_path)) as stage:
        (stage / "programs" / "lib").mkdir(parents=True)
        (stage / "programs" / "a.glsl").write_text("void main() {}")
        (stage / "programs" / "lib" / "noise.glsl").write_text("float noise;")
        (stage / QUARANTINE_FILE).write_text('{"program": "a"}\n')
    with nearby(folder) as near:
        found = sorted(str(path.relative_to(near)) for path in near.rglob("*.*") if path.is_file())
    assert found == [".lock", "programs/a.glsl", "programs/lib/noise.glsl", QUARANTINE_FILE]
    assert not near.exists()


@pytest.mark.parametrize("listed", [QUARANTINE_FILE, NOTES_FILE])
def test_two_that_add_to_a_list_at_once_both_stand_in_it(folder, tmp_path, listed):
    with staged(folder, str(tmp_path)) as stage:
        (stage / listed).write_text("first\n")
    with staged(folder, str(tmp_path)) as one:
        with staged(folder, str(tmp_path)) as other:
            assert one != other
            for stage, name in ((one, "one"), (other, "other")):
                with (stage / listed).open("a") as file:
                    file.write(f"{name}\n")
        assert lines(folder, listed) == [b"first", b"other"]
    assert lines(folder, listed) == [b"first", b"other", b"one"]


def test_what_a_killed_process_left_is_removed_and_nothing_else(folder, tmp_path):
    root = Path(__file__).parents[3]
    subprocess.run(
        [sys.executable, "-c", DIE, str(tmp_path)], check=False, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert len(list(tmp_path.iterdir())) == 1
    foreign = tmp_path / "patterngen-scratch-of-mine"
    foreign.mkdir()
    (foreign / "notes.txt").write_text("keep me")
    copy = tmp_path / "patterngen-scratch-abcd1234-copy"
    copy.mkdir()
    (copy / ".lock").touch()  # as what was copied has one
    with staged(folder, str(tmp_path)) as living, staged(folder, str(tmp_path)):
        assert living.exists()
    assert set(tmp_path.iterdir()) == {foreign, copy}


def test_a_scratch_folder_that_cannot_be_is_named(folder, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(PatternGenError, match=r"scratch folder .*file: .*; give another --scratch"):
        staged(folder, str(tmp_path / "file")).__enter__()


def test_a_shard_that_another_run_has_sent_stays_as_it_is(folder, tmp_path):
    render(*job())
    marker = (folder / "train-000001_stats.json").read_bytes()
    render_shard(*job(scratch=str(tmp_path)), 1, lambda _: None)
    assert (folder / "train-000001_stats.json").read_bytes() == marker


def test_a_marker_goes_before_other_pictures_come(folder, monkeypatch):
    render(*job())
    marker = folder / "train-000001_stats.json"
    other = json.loads(marker.read_bytes()) | {"sha256": "0" * 64}
    fsspec.filesystem("memory").pipe_file(marker.path, json.dumps(other).encode())
    there = []
    put = type(folder.fs).put_file

    def watched(fs, local, path, **options):
        there.append((path.rpartition("/")[2], marker.exists()))
        put(fs, local, path, **options)

    monkeypatch.setattr(type(folder.fs), "put_file", watched)
    render_shard(*job(), 1, lambda _: None)
    parts = ["train-000001.tar", "train-000001.parquet", "train-000001_stats.json"]
    assert there == [(part, False) for part in parts]
    assert DatasetFolder.open(FOLDER).count == 4


def test_a_damaged_marker_is_mended(folder):
    render(*job())
    marker = folder / "train-000001_stats.json"
    fsspec.filesystem("memory").pipe_file(marker.path, b"{")
    with pytest.raises(PatternGenError, match="delete it and render again"):
        render(*job())
    render_shard(*job(), 1, lambda _: None)
    assert DatasetFolder.open(FOLDER).count == 4
