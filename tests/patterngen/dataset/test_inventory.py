"""The fast look at a folder's markers sees what the slow one sees."""

import json
import os

import pytest

from patterngen.dataset.folder import find_shards
from patterngen.dataset.inventory import MarkedShard, inventory
from patterngen.errors import PatternGenError


def slowly(folder) -> dict[str, MarkedShard]:
    return {
        shard.name: MarkedShard(
            shard.count, shard.stats.bytes, shard.stats.job_hash, shard.stats.format_version, shard.is_whole
        )
        for shard in find_shards(folder)
    }


def test_markers_are_read_as_by_the_slow_reader(folder):
    found = inventory(folder)
    assert list(found) == ["train-000000", "train-000001", "train-000002"]
    assert found == slowly(folder)
    assert all(entry.is_whole for entry in found.values())


def test_our_own_markers_are_read_without_parsing_all_of_them(folder, monkeypatch):
    monkeypatch.setattr(
        "patterngen.dataset.inventory.read_stats", lambda *_: pytest.fail("the slow reader was asked")
    )
    assert len(inventory(folder)) == 3


def test_markers_of_before_are_read_as_fast(folder, monkeypatch):
    expected = slowly(folder)
    for marker in folder.glob("*_stats.json"):
        before, job_hash, after = marker.read_text().partition(' "job_hash"')
        marker.write_text(f'{before} "md5": "{"0" * 32}",\n{job_hash}{after}')
    assert slowly(folder) == expected
    test_our_own_markers_are_read_without_parsing_all_of_them(folder, monkeypatch)
    assert inventory(folder) == expected


@pytest.mark.parametrize("damage", ["tar gone", "tar cut", "manifest gone"])
def test_a_shard_that_is_not_whole_is_told(folder, damage):
    name = "train-000001"
    if damage == "tar cut":
        os.truncate(folder / f"{name}.tar", 512)
    else:
        (folder / f"{name}.{'tar' if damage == 'tar gone' else 'parquet'}").unlink()
    assert [n for n, entry in inventory(folder).items() if not entry.is_whole] == [name]
    assert inventory(folder) == slowly(folder)


def test_a_marker_in_another_hand_is_read_too(folder):
    marker = folder / "train-000001_stats.json"
    marker.write_text(json.dumps(dict(reversed(json.loads(marker.read_text()).items()))))
    assert inventory(folder) == slowly(folder)


@pytest.mark.parametrize("size", [0, 1, 100, 700])
def test_a_marker_that_is_cut_short_is_named(folder, size):
    os.truncate(folder / "train-000001_stats.json", size)
    with pytest.raises(PatternGenError, match=r"train-000001_stats\.json is damaged"):
        inventory(folder)


@pytest.mark.parametrize("name", ["train-foo_stats.json", "train-_stats.json", "train-00²001_stats.json"])
def test_foreign_names_are_not_looked_at(folder, name):
    (folder / name).write_text("mine")
    assert inventory(folder) == slowly(folder)
    assert len(inventory(folder)) == 3


def test_where_there_is_no_folder_there_is_nothing(tmp_path):
    (tmp_path / "file").touch()
    assert inventory(tmp_path / "file") == inventory(tmp_path / "none") == {}
