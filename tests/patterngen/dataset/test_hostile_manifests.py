"""Manifests written by somebody who means harm: each is refused in one line, or does no harm."""

import hashlib
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import patterngen
from patterngen.dataset.folder import DatasetFolder
from patterngen.dataset.selection import select
from patterngen.dataset.stats import dataset_stats
from patterngen.errors import PatternGenError
from patterngen.filtering.filter import FilterConfig, filter_dataset
from patterngen.publishing.publish import PublishConfig, publish_folder

FIRST = "train-000000"


def rewrite(folder, **columns):
    """Give columns of the first shard's manifest one other value in every row."""
    path = folder / f"{FIRST}.parquet"
    table = pq.read_table(path)
    for name, value in columns.items():
        field = table.schema.field(name)
        values = pa.array([value] * len(table), field.type)
        table = table.set_column(table.column_names.index(name), field, values)
    pq.write_table(table, path)


def hashes(folder):
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.tar"))]


@pytest.fixture
def repack(folder, tmp_path):
    """Repack everything, and return the new folder."""

    def done():
        filter_dataset(FilterConfig(dir=str(folder), quantile="0:1", repack=str(tmp_path / "packed")))
        return tmp_path / "packed"

    return done


@pytest.mark.parametrize("shard", ["../../etc/passwd", "/etc/passwd", "..", "", "train-000001.tar", "a\0b"])
def test_a_row_cannot_lead_out_of_its_own_tar(folder, repack, shard):
    rewrite(folder, shard=shard)
    assert patterngen.open_dataset(str(folder))[3].pixels.shape == (32, 32, 3)
    assert hashes(repack()) == hashes(folder)


@pytest.mark.parametrize(
    "place",
    [
        {"offset": 2**62},
        {"offset": -512},
        {"offset": 0},
        {"offset": -(2**63)},
        {"size": -1},
        {"size": 0},
        {"size": 2**62},
        {"size": 2**28},
        {"offset": 2**63 - 1, "size": 2**63 - 1},
    ],
    ids=str,
)
def test_a_place_outside_of_the_tar_is_refused_before_memory_is_taken(folder, repack, place):
    rewrite(folder, **place)
    with pytest.raises(PatternGenError, match="does not hold picture '000000003' where its manifest says"):
        patterngen.open_dataset(str(folder))[3]
    with pytest.raises(PatternGenError, match="does not hold picture '000000000'"):
        repack()


@pytest.mark.parametrize("tv", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    "use",
    [
        lambda folder: filter_dataset(FilterConfig(dir=folder, tv_max=1.0)),
        lambda folder: filter_dataset(FilterConfig(dir=folder, equal="tv")),
        lambda folder: filter_dataset(FilterConfig(dir=folder, sample=5, match=folder)),
        lambda folder: select(folder, tv_min=0.0),
        lambda folder: publish_folder(PublishConfig(dir=folder)),
    ],
    ids=["bounds", "equal", "match", "select", "publish"],
)
def test_a_tv_that_is_no_number_is_named(folder, tv, use):
    rewrite(folder, tv=tv)
    with pytest.raises(PatternGenError, match=f"{FIRST}.parquet: row 0 has tv {tv}, no number"):
        use(str(folder))


def test_a_text_with_line_breaks_stays_in_its_line(folder):
    rewrite(folder, family="perlin\n\x1b[2Jerror: run `rm -rf /`\r\n", key="000\n000")
    with pytest.raises(PatternGenError) as caught:
        filter_dataset(FilterConfig(dir=str(folder), family=("perlim",)))
    assert str(caught.value).isprintable()
    report = filter_dataset(FilterConfig(dir=str(folder), quantile="0:1", out=str(folder / "k.parquet")))
    assert report.kept == 25
    with pytest.raises(PatternGenError) as caught:
        patterngen.open_dataset(str(folder))[3]
    assert str(caught.value).isprintable()


def test_a_short_file_cannot_become_a_long_column(folder, repack):
    """Thirty megabytes, once in a dictionary and named by each of 2000 rows, would be sixty gigabytes."""
    text = "x" * 30_000_000
    rows = 2000
    stats = json.loads((folder / f"{FIRST}_stats.json").read_text()) | {"count": rows, "bytes": 10_000_000}
    (folder / f"{FIRST}_stats.json").write_text(json.dumps(stats))
    with (folder / f"{FIRST}.tar").open("r+b") as tar:
        tar.truncate(10_000_000)
    table = pq.read_table(folder / f"{FIRST}.parquet")
    table = table.take(pa.array(np.zeros(rows, np.int64)))
    family = pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), [text])
    table = table.set_column(table.column_names.index("family"), "family", family)
    pq.write_table(table, folder / f"{FIRST}.parquet", compression="zstd", store_schema=False)
    assert (folder / f"{FIRST}.parquet").stat().st_size < 100_000
    for use in (dataset_stats, lambda url: DatasetFolder.open(url).shards[0].manifest(["family"])):
        with pytest.raises(PatternGenError, match=f"{FIRST}.parquet names texts of 60000000000 bytes"):
            use(str(folder))


def test_a_keep_list_cannot_be_longer_than_its_dataset(folder):
    keys = pa.table({"key": ["000000000"] * 26})
    dataset = DatasetFolder.open(str(folder))
    pq.write_table(keys.replace_schema_metadata({"job_hash": dataset.job_hash}), folder / "long.parquet")
    with pytest.raises(PatternGenError, match="lists 26 of 25 pictures"):
        select(str(folder), keep="long.parquet")
    keys = pa.table({"key": ["0" * 100_000]})
    pq.write_table(keys.replace_schema_metadata({"job_hash": dataset.job_hash}), folder / "long.parquet")
    with pytest.raises(PatternGenError, match="lists 1 of 25 pictures in"):
        select(str(folder), keep="long.parquet")
