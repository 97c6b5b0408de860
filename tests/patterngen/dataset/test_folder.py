"""A dataset folder as its readers see it."""

import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from patterngen.dataset.folder import DatasetFolder
from patterngen.errors import PatternGenError


def test_opens_by_path_and_url(sound_folder):
    for url in (str(sound_folder), f"file://{sound_folder}"):
        dataset = DatasetFolder.open(url)
        assert (dataset.count, len(dataset.shards)) == (25, 3)
        assert dataset.bytes == sum(path.stat().st_size for path in sound_folder.glob("*.tar"))


def test_reads_the_columns_that_are_asked_for(sound_folder):
    table = DatasetFolder.open(str(sound_folder)).manifest(["key", "tv"])
    assert table.column_names == ["key", "tv"]
    assert len(table) == 25


def test_a_shard_without_its_marker_is_not_seen(folder):
    (folder / "train-000001_stats.json").unlink()
    assert [shard.name for shard in DatasetFolder.open(str(folder)).shards] == [
        "train-000000",
        "train-000002",
    ]


def test_no_folder_and_no_shard_are_refused(tmp_path):
    with pytest.raises(PatternGenError, match="no such folder"):
        DatasetFolder.open(str(tmp_path / "none"))
    with pytest.raises(PatternGenError, match="no whole shard"):
        DatasetFolder.open(str(tmp_path))


def test_a_truncated_tar_is_named_with_its_sizes(folder):
    path = folder / "train-000002.tar"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(1000)
    with pytest.raises(PatternGenError, match=rf"train-000002\.tar is truncated: 1000 of {size} bytes"):
        DatasetFolder.open(str(folder))


def test_a_lost_tar_is_named(folder):
    (folder / "train-000000.tar").unlink()
    with pytest.raises(PatternGenError, match=r"train-000000\.tar is missing"):
        DatasetFolder.open(str(folder))


def test_shards_of_two_jobs_are_refused(folder):
    for path in folder.glob("train-000000*"):
        shutil.copy(path, folder / path.name.replace("000000", "000009"))
    marker = folder / "train-000009_stats.json"
    marker.write_text(marker.read_text().replace('"job_hash": "', '"job_hash": "other'))
    with pytest.raises(PatternGenError, match="several jobs"):
        DatasetFolder.open(str(folder))


def test_damaged_manifests_are_named(folder):
    path = folder / "train-000000.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    with pytest.raises(PatternGenError, match="9 rows for 10 pictures"):
        DatasetFolder.open(str(folder)).manifest()
    path.write_bytes(b"PAR1 no PAR1")
    with pytest.raises(PatternGenError, match=r"train-000000\.parquet is damaged"):
        DatasetFolder.open(str(folder)).manifest()
    path.unlink()
    with pytest.raises(PatternGenError, match=r"train-000000\.parquet is missing"):
        DatasetFolder.open(str(folder)).manifest()


def test_a_manifest_without_a_column_is_named(folder):
    path = folder / "train-000000.parquet"
    pq.write_table(pa.table({"key": pq.read_table(path)["key"]}), path)
    with pytest.raises(PatternGenError, match="tv"):
        DatasetFolder.open(str(folder)).manifest(["key", "tv"])
