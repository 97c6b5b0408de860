"""A folder of a version that is still to come is refused in one line, and nothing of it is touched."""

import json
import shutil
from pathlib import Path

import fsspec
import pytest
import yaml

import patterngen
from patterngen import DatasetSpec, RunOptions, render
from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.format_version import JOB_FILE, NewerFormatError
from patterngen.errors import PatternGenError
from patterngen.jobs.draw import render_shard
from patterngen.jobs.packing import pack
from patterngen.storage.places import listing, place
from tests.patterngen.dataset.test_format_versions import DATA, call
from tests.patterngen.jobs.test_packing import pictures


def make_newer(folder, names=("train-*_stats.json", JOB_FILE), version=3):
    """State another version, and what only that one knows."""
    for path in (path for pattern in names for path in folder.glob(pattern)):
        values = yaml.safe_load(path.read_text()) | {"format_version": version, "of_the_future": 1}
        path.write_text(yaml.safe_dump(values) if path.suffix == ".yaml" else json.dumps(values))
    return folder


@pytest.fixture
def whole(tmp_path) -> Path:
    """A folder of the newest version that is known, which a test may change."""
    return Path(shutil.copytree(DATA / "format-2", tmp_path / "later"))


@pytest.fixture
def newer(whole) -> Path:
    return make_newer(whole)


COMMANDS = (
    "stats {newer}",
    "status {newer}",
    "verify {newer}",
    "publish {newer} --dry-run",
    "browse {newer} --out {tmp}/page.html",
    "filter {newer} --tv-max 0.3",
    "filter {old} --match {newer} --out {tmp}/keep.parquet",
    "filter {old} --tv-max 0.3 --repack {newer}",
    "render perlin --out {newer} --count 12",
    "render --config {newer}/job.yaml",
    "render --config {newer}/job.yaml --out {tmp}/new",
    "estimate --config {newer}/job.yaml",
)


@pytest.mark.parametrize("begun_only", [False, True])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_newer_version_is_refused_in_one_line(command, begun_only, newer, tmp_path, capsys):
    if begun_only:  # or its shards are marked in a way that is not known yet
        for path in newer.glob("train-*_stats.json"):
            path.unlink()
    before = sorted((path.name, path.read_bytes()) for path in newer.iterdir())
    words = command.format(newer=newer, tmp=tmp_path, old=DATA / "format-1").split()
    code, _, error = call(capsys, *words)
    assert code == 2
    assert error.count("\n") == 1
    assert f"error: {newer}" in error
    assert "dataset format 3" in error
    assert "pip install -U patterngen" in error
    assert sorted((path.name, path.read_bytes()) for path in newer.iterdir()) == before


def test_a_newer_version_is_refused_by_every_reader(newer):
    for read in (patterngen.open_dataset, patterngen.select, DatasetFolder.open):
        with pytest.raises(NewerFormatError, match="later is of dataset format 3"):
            read(str(newer))
    with pytest.raises(NewerFormatError):
        pack(str(newer), [lambda: [pictures(1)]], label="found", identity="1")


def test_a_newer_shard_of_a_bucket_is_not_overwritten(tmp_path):
    there = place("memory://later/set")
    marker = json.dumps({"format_version": 3}).encode()
    fsspec.filesystem("memory").pipe("/later/set/train-000000_stats.json", marker)
    spec = DatasetSpec(family=("dead-leaves-mixed",), count=2, size=8)
    for act in (render, lambda *job: render_shard(*job, 0, lambda _: None)):
        with pytest.raises(NewerFormatError, match="memory://later/set is of dataset format 3"):
            act(spec, RunOptions(out=str(there)))
    assert listing(there) == {"train-000000_stats.json": len(marker)}


def test_one_newer_shard_is_enough_and_is_not_called_damaged(whole, capsys):
    make_newer(whole, ["train-000001_stats.json"])
    (whole / "train-000000_stats.json").write_text("{}")
    code, _, error = call(capsys, "verify", whole)
    assert (code, error.count("\n"), "dataset format 3" in error) == (2, 1, True)


@pytest.mark.parametrize("nonsense", ["2", 2.0, True, None, 0, -1, [2]])
def test_a_version_that_is_none_is_damage(whole, nonsense):
    make_newer(whole, ["train-000001_stats.json"], nonsense)
    with pytest.raises(PatternGenError, match=r"train-000001_stats\.json is damaged .*format_version"):
        patterngen.open_dataset(str(whole))


@pytest.mark.parametrize("nonsense", ["two", 2.5, 0, -1])
def test_a_version_that_is_none_is_refused_in_a_job(whole, nonsense, capsys):
    make_newer(whole, [JOB_FILE], nonsense)
    path = whole / JOB_FILE
    path.write_text(path.read_text().replace("of_the_future: 1\n", ""))
    code, _, error = call(capsys, "render", "--config", path)
    assert (code, error.count("\n")) == (2, 1)
    assert "format_version" in error.replace("-", "_")
