"""Whenever a machine loses its power, the same command ends where it would have ended."""

import contextlib
import shutil
from dataclasses import replace

import pytest

from patterngen import DatasetSpec, FilterConfig, RunOptions, filter_dataset, render
from patterngen.dataset.indexes import INDEXES
from patterngen.jobs.verify import VerifyConfig, verify
from patterngen.publishing.publish import PublishConfig, publish_folder
from patterngen.storage.files import leftovers
from tests.crash_points import recorded, restored
from tests.patterngen.jobs.small import whole

SPEC = DatasetSpec(family=("perlin", "worley"), count=5, size=16, samples_per_shard=2)


def check(work, begun, tmp_path):
    """Do some work in a folder; from each state that a crash leaves of it, do it again."""
    folder = tmp_path / "set"
    if begun:
        shutil.copytree(begun, folder)
    with contextlib.chdir(tmp_path):
        seen = recorded(folder, lambda: work("set"))
    expected = whole(folder)
    for state in restored(seen.states, tmp_path / "crashed"):
        with contextlib.chdir(state.parent):
            work("set")
        found = whole(state)
        assert found.keys() == expected.keys()
        assert [name for name in found if found[name] != expected[name]] == []
        assert not leftovers(state)
    return seen


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn") / "set"
    render(SPEC, RunOptions(out=str(folder)))
    return folder


def test_while_a_dataset_is_drawn(tmp_path):
    seen = check(lambda folder: render(SPEC, RunOptions(out=folder)), None, tmp_path)
    assert seen.points > 30


def test_while_it_grows(drawn, tmp_path):
    longer = replace(SPEC, count=7)
    check(lambda folder: render(longer, RunOptions(out=folder)), drawn, tmp_path)


def test_while_a_damaged_shard_is_drawn_anew(drawn, tmp_path):
    damaged = shutil.copytree(drawn, tmp_path / "damaged")
    (damaged / "train-000001.tar").write_bytes(b"cut short")
    check(lambda folder: render(SPEC, RunOptions(out=folder)), damaged, tmp_path)
    verify(VerifyConfig(dir=str(tmp_path / "set")))


def test_while_a_part_is_repacked(drawn, tmp_path):
    rule = FilterConfig(dir=str(drawn), where="width == 16", repack="set")

    def repack(folder):
        filter_dataset(replace(rule, repack=folder))

    check(repack, None, tmp_path)


def test_while_its_card_and_indexes_are_written_anew(drawn, tmp_path):
    bare = shutil.copytree(drawn, tmp_path / "bare")
    for name in INDEXES:
        (bare / name).write_bytes(b"of before")
    check(lambda folder: publish_folder(PublishConfig(dir=folder)), bare, tmp_path)
