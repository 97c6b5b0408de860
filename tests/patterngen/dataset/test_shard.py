"""One shard on the disk: its members, its manifest, its marker."""

import hashlib
import json
import tarfile
from dataclasses import asdict, replace

import pyarrow.parquet as pq
import pytest

from patterngen.dataset.marker import marked_shards, read_stats, shard_name
from patterngen.dataset.shard import Row, ShardWriter, image_key
from patterngen.errors import PatternGenError
from patterngen.metrics import TV_DEFINITION

FIRST = Row(
    key=image_key(0),
    family="f",
    family_version=1,
    class_id=0,
    seed=0,
    width=8,
    height=8,
    tv=0.0,
    tv_iso=0.0,
    tv_rgb=0.0,
    sha256="0" * 64,
    params="{}",
    renderer="cpu",
)


def row(index: int) -> Row:
    return replace(
        FIRST, key=image_key(index), class_id=index % 3, seed=index, tv=index / 10, tv_rgb=index / 11
    )


def write(folder, count: int = 5, name: str = "train-000000"):
    with ShardWriter(folder, name, extension="jpg", job_hash="h", format_version=2) as writer:
        for index in range(count):
            writer.add(bytes([index]) * (100 + index), row(index))
        return writer.commit()


def test_names():
    assert (shard_name(42), image_key(42)) == ("train-000042", "000000042")


def test_what_is_named_otherwise_is_no_shard():
    ours = [shard_name(number) for number in (0, 42, 999_999, 1_000_000)]
    theirs = [
        "train-42",
        "train-0000042",
        "train-000042-copy",
        "train-000042 (1)",
        "train-٠٠٠٠٤٢",
        "._train-000042",
    ]
    assert marked_shards(f"{name}_stats.json" for name in ours + theirs) == sorted(ours)


def test_members_of_a_key_are_adjacent_and_keys_ascend(tmp_path):
    write(tmp_path)
    with tarfile.open(tmp_path / "train-000000.tar", "r:") as tar:
        members = tar.getmembers()
        names = [f"{image_key(i)}.{kind}" for i in range(5) for kind in ("jpg", "cls", "json")]
        assert [m.name for m in members] == names
        assert {(m.mtime, m.uid, m.gid, m.mode, m.uname, m.gname) for m in members} == {
            (0, 0, 0, 0o444, "", "")
        }
        described = json.load(tar.extractfile("000000004.json"))
        assert tar.extractfile("000000004.cls").read() == b"1"
    expected = asdict(row(4))
    del expected["renderer"]
    assert described == expected


def test_the_manifest_says_where_each_picture_lies(tmp_path):
    write(tmp_path)
    table = pq.read_table(tmp_path / "train-000000.parquet")
    data = (tmp_path / "train-000000.tar").read_bytes()
    for i, found in enumerate(table.to_pylist()):
        assert data[found["offset"] : found["offset"] + found["size"]] == bytes([i]) * (100 + i)
        assert {name: found[name] for name in asdict(row(i))} == asdict(row(i))
        assert found["shard"] == "train-000000.tar"
    assert not any(field.nullable for field in table.schema)
    assert table.schema.metadata[b"tv_definition"] == TV_DEFINITION.encode()


def test_the_marker_describes_the_tar(tmp_path):
    stats = write(tmp_path)
    data = (tmp_path / "train-000000.tar").read_bytes()
    assert stats.sha256 == hashlib.sha256(data).hexdigest()
    assert (stats.count, stats.bytes, stats.failed, stats.renderer) == (5, len(data), 0, "cpu")
    assert stats.tv_quantiles["0.5"] == pytest.approx(0.2)
    assert read_stats(tmp_path, "train-000000") == stats


def test_a_marker_that_says_more_is_read(tmp_path):
    stats = write(tmp_path)
    marker = tmp_path / "train-000000_stats.json"
    said = json.loads(marker.read_text())
    marker.write_text(json.dumps({**said, "md5": "0" * 32}))  # as it once did
    assert read_stats(tmp_path, "train-000000") == stats


def test_equal_pictures_make_equal_tars(tmp_path):
    assert write(tmp_path).sha256 == write(tmp_path, name="train-000001").sha256


def give_up(folder, error) -> None:
    with ShardWriter(folder, "train-000000", extension="jpg", job_hash="h", format_version=2) as writer:
        writer.add(b"1", row(0))
        if error:
            raise error


def test_a_shard_given_up_leaves_nothing(tmp_path):
    for error in (ValueError, KeyboardInterrupt):
        with pytest.raises(error):
            give_up(tmp_path, error)
    give_up(tmp_path, None)
    assert not list(tmp_path.iterdir())


def test_a_shard_without_its_marker_does_not_exist(tmp_path):
    write(tmp_path)
    (tmp_path / "train-000000_stats.json").unlink()
    assert read_stats(tmp_path, "train-000000") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", "3", '{"count": 5'])
def test_a_damaged_marker_is_named(tmp_path, text):
    (tmp_path / "train-000000_stats.json").write_text(text)
    with pytest.raises(PatternGenError, match=r"train-000000_stats\.json is damaged"):
        read_stats(tmp_path, "train-000000")
