"""A folder that holds something already: the same dataset, a part of it, another's, or other files."""

import dataclasses
import itertools
import json
import os
import shutil

import pytest

from patterngen.common.config import load_config
from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.indexes import INDEXES
from patterngen.errors import PatternGenError
from patterngen.jobs.plan import plan
from patterngen.jobs.rendering import render
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec
from patterngen.jobs.verify import VerifyConfig, verify
from tests.operations import meanwhile
from tests.patterngen.jobs.small import hashes, job, names, spec


def test_a_finished_dataset_is_left_as_it_is(folder):
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    report = render(load_config(str(folder / "job.yaml"), DatasetSpec), RunOptions(out=str(folder)))
    assert report.drawn == 0
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.parametrize("lost", ["train-000001.tar", "train-000001.parquet", "train-000001_stats.json"])
def test_what_is_lost_is_drawn_again(folder, sound_folder, lost):
    again = load_config(str(folder / "job.yaml"), DatasetSpec)
    (folder / lost).unlink()
    assert plan(again, str(folder)).missing == (1,)
    assert render(again, RunOptions(out=str(folder))).drawn == 10
    assert hashes(folder) == hashes(sound_folder)
    assert names(folder) == names(sound_folder)


@pytest.mark.parametrize("lost", ["job.yaml", "classes.json", *INDEXES])
def test_what_describes_a_dataset_is_written_again(sound_folder, tmp_path, lost):
    folder = shutil.copytree(sound_folder, tmp_path / sound_folder.name)  # which the files name
    again = load_config(str(folder / "job.yaml"), DatasetSpec)
    (folder / lost).unlink()
    assert render(again, RunOptions(out=str(folder))).drawn == 0
    assert names(folder) == names(sound_folder)
    if lost == "job.yaml":  # which names the folder
        assert load_config(str(folder / "job.yaml"), DatasetSpec) == again
    else:
        assert (folder / lost).read_bytes() == (sound_folder / lost).read_bytes()


def test_two_jobs_begun_in_one_folder_at_once_do_not_mix(tmp_path):
    """Whichever draws its first shard first has the folder; the other is refused. No mixture is read."""
    small = {"family": ("perlin",), "count": 3, "size": 8, "samples_per_shard": 2}
    ours, theirs = spec(**small), spec(**small, seed=8)
    alone = {}
    for each in (ours, theirs):
        render(each, RunOptions(out=str(tmp_path / each.job_hash)))
        alone[each.job_hash] = hashes(tmp_path / each.job_hash)
    refused, reached = [], True
    for point in itertools.count(2, 3):  # before 2 it has written nothing yet
        folder = tmp_path / str(point)

        def draw(each, folder=folder):
            try:
                render(each, RunOptions(out=str(folder)))
            except PatternGenError as error:
                refused.append((each, str(error)))

        reached = meanwhile(folder, point, lambda draw=draw: draw(ours), lambda draw=draw: draw(theirs))
        if not reached:
            break
        try:
            verify(VerifyConfig(dir=str(folder)))
        except PatternGenError as error:  # the other came between a last look and the renames after it
            refused.append((ours, str(error)))
        else:
            assert hashes(folder) == alone[load_config(str(folder / "job.yaml"), DatasetSpec).job_hash]
    assert {each for each, _ in refused} == {ours, theirs}
    assert all("another" in why or "shards of several jobs" in why for _, why in refused)


def test_a_larger_count_extends_a_dataset(folder, tmp_path):
    settings = load_config(str(folder / "job.yaml"), DatasetSpec)
    report = render(dataclasses.replace(settings, count=33), RunOptions(out=str(folder)))
    assert report.drawn == 13  # the last shard was not full
    render(dataclasses.replace(settings, count=33), RunOptions(out=str(tmp_path / "whole")))
    assert hashes(folder) == hashes(tmp_path / "whole")
    assert json.loads((folder / "_info.json").read_text())["splits"]["train"]["num_samples"] == 33


@pytest.mark.parametrize("count", [5, 20, 24])
def test_a_smaller_count_is_refused(folder, count):
    settings = load_config(str(folder / "job.yaml"), DatasetSpec)
    with pytest.raises(PatternGenError, match=f"more than {count} pictures"):
        render(dataclasses.replace(settings, count=count), RunOptions(out=str(folder)))


def test_another_job_is_refused_and_the_differences_are_shown(folder):
    settings = load_config(str(folder / "job.yaml"), DatasetSpec)
    with pytest.raises(PatternGenError, match="seed 7 → 8") as caught:
        render(dataclasses.replace(settings, seed=8, encode_quality=50), RunOptions(out=str(folder)))
    assert "encode_quality 95 → 50" in str(caught.value)
    assert "size" not in str(caught.value)


FOREIGN = (
    "notes.txt",
    ".hidden",
    "train-backup.zip",
    "train-foo.tar",
    "train-foo_stats.json",
    ".train-1.tar.part",
)


def test_foreign_files_are_left_alone(tmp_path):
    for name in FOREIGN:
        (tmp_path / name).write_text("mine")
    (tmp_path / "train-000000").mkdir()  # a folder
    render(*job(tmp_path))
    render(*job(tmp_path, count=40))
    verify(VerifyConfig(dir=str(tmp_path), redraw=0))
    assert [shard.count for shard in DatasetFolder.open(str(tmp_path)).shards] == [10, 10, 10, 10]
    assert {(tmp_path / name).read_text() for name in FOREIGN} == {"mine"}
    assert (tmp_path / "train-000000").is_dir()
    assert set(names(tmp_path)) >= {*FOREIGN, "train-000000"}


@pytest.mark.parametrize("when", [0, 4_000_000_000])
def test_the_age_of_files_decides_nothing(folder, sound_folder, when):
    for path in folder.iterdir():
        os.utime(path, (when, when))
    again = load_config(str(folder / "job.yaml"), DatasetSpec)
    assert plan(again, str(folder)).missing == ()
    (folder / "train-000001_stats.json").unlink()
    assert render(again, RunOptions(out=str(folder))).drawn == 10
    assert hashes(folder) == hashes(sound_folder)
