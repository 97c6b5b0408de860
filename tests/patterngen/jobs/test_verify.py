"""Damage that `verify` must name."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from patterngen.dataset.folder import DatasetFolder
from patterngen.errors import PatternGenError, RunFailedError
from patterngen.families import family
from patterngen.jobs.verify import VerifyConfig, verify
from patterngen.publishing.publish import PublishConfig, publish_folder


def check(folder, redraw: int = 0) -> str:
    return str(verify(VerifyConfig(dir=str(folder), redraw=redraw)))


def damage(folder, redraw: int = 0) -> str:
    with pytest.raises(RunFailedError) as caught:
        check(folder, redraw)
    return str(caught.value)


def test_a_sound_dataset_is_sound(sound_folder):
    assert verify(VerifyConfig(dir=str(sound_folder), redraw=99)).redrawn == 25
    assert "25 pictures are sound" in check(sound_folder, redraw=3)


def test_a_truncated_tar_is_one_line(folder):
    with (folder / "train-000001.tar").open("r+b") as file:
        file.truncate(20_000)
    message = damage(folder)
    assert "train-000001.tar is truncated: 20000 of" in message
    assert "\n" not in message


def test_a_flipped_bit_is_found(folder):
    path = folder / "train-000000.tar"
    data = bytearray(path.read_bytes())
    data[700] ^= 1
    path.write_bytes(data)
    assert "train-000000.tar has other bytes" in damage(folder)


def test_swapped_tars_are_both_found(folder):
    first, second = folder / "train-000000.tar", folder / "train-000001.tar"
    spare = folder / "spare"
    first.rename(spare), second.rename(first), spare.rename(second)
    message = damage(folder)
    assert str(first) in message
    assert str(second) in message


def test_a_removed_manifest_row_is_found(folder):
    path = folder / "train-000002.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    assert "train-000002.parquet has 4 rows for 5 pictures" in damage(folder)


@pytest.mark.parametrize(
    ("column", "what"),
    [("offset", "byte range"), ("size", "byte range"), ("class_id", "class id"), ("seed", "description")],
)
def test_a_changed_row_is_found(folder, column, what):
    path = folder / "train-000000.parquet"
    table = pq.read_table(path)
    values = table[column].to_pylist()
    values[3] += 1
    place = table.column_names.index(column)
    pq.write_table(table.set_column(place, table.schema.field(place), pa.array(values)), path)
    assert f"{what} of picture 000000003" in damage(folder)


def test_a_lost_shard_is_found(folder):
    for path in folder.glob("train-000002*"):
        path.unlink()
    message = damage(folder)
    assert "'train-000002.tar' is listed in shards.json, but not whole" in message
    assert "\n" not in message


def test_shards_that_changed_places_are_found(folder):
    for path in sorted(folder.glob("train-000000*")):
        other = path.with_name(path.name.replace("000000", "000001"))
        spare = folder / "spare"
        path.rename(spare), other.rename(path), spare.rename(other)
    message = damage(folder)
    assert "train-000000.tar: shard of picture 000000010 is not what the manifest says" in message
    assert "train-000001.tar: shard of picture 000000000 is not what the manifest says" in message


def test_every_problem_is_listed(folder):
    (folder / "train-000000.tar").unlink()
    (folder / "train-000001.parquet").unlink()
    message = damage(folder)
    assert message.startswith("2 problems")
    assert "train-000000.tar is missing" in message
    assert "train-000001.parquet is missing" in message


def test_a_family_that_draws_otherwise_now_is_found(folder, monkeypatch):
    kind = type(family("dead-leaves-mixed"))
    honest = kind.draw
    monkeypatch.setattr(kind, "draw", lambda self, seeds, size: honest(self, [s ^ 1 for s in seeds], size))
    assert "draws other pixels" in damage(folder, redraw=25)


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"version": 99}, "is 99"), ({"repeats": "per renderer", "renderer": "other"}, "here is other")],
)
def test_pictures_that_cannot_be_compared_are_told(folder, monkeypatch, change, reason):
    for name, value in change.items():
        monkeypatch.setattr(type(family("dead-leaves-mixed")), name, value)
    report = verify(VerifyConfig(dir=str(folder), redraw=25))
    mixed = (
        DatasetFolder.open(str(folder)).manifest(["family"])["family"].to_pylist().count("dead-leaves-mixed")
    )
    assert len(report.skipped) == mixed
    assert report.redrawn == 25 - mixed
    assert all(reason in line for line in report.skipped)


def test_a_stranger_s_marker_does_not_hide_a_tar_of_other_things(folder):
    path = folder / "train-000000.tar"
    path.write_bytes((folder / "README.md").read_bytes() * 20)
    marker = folder / "train-000000_stats.json"
    stats = json.loads(marker.read_text())
    stats["bytes"] = path.stat().st_size
    marker.write_text(json.dumps(stats))
    assert "truncated or damaged" in damage(folder)


@pytest.mark.parametrize("text", ["", "{}", '{"count": 5', "[" * 20_000])
def test_a_damaged_marker_is_one_problem_of_all(folder, text):
    (folder / "train-000001_stats.json").write_text(text)
    message = damage(folder)
    assert "train-000001_stats.json is damaged" in message
    assert "\n" not in message
    (folder / "train-000002.tar").unlink()
    assert damage(folder).startswith("2 problems")
    for marker in folder.glob("*_stats.json"):
        marker.write_text(text)
    assert damage(folder).startswith("3 problems")


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("md5", ["0" * 32, "", 7])
def test_another_md5_in_the_index_is_found(folder, ours, md5):
    publish_folder(PublishConfig(dir=str(folder)))
    assert "25 pictures are sound" in check(folder)
    path = folder / "shards.json"
    index = json.loads(path.read_text())
    index["shardlist"][1]["md5sum"] = md5
    if not ours:  # as others write it
        index["shardlist"] = [
            {name: entry[name] for name in ("url", "nsamples", "md5sum")} for entry in index["shardlist"]
        ]
    path.write_text(json.dumps(index))
    message = damage(folder)
    assert "shards.json has another MD5 than train-000001.tar" in message
    assert "\n" not in message
    path.unlink()
    publish_folder(PublishConfig(dir=str(folder)))
    assert "25 pictures are sound" in check(folder)


def test_a_damaged_index_is_one_line(folder):
    (folder / "shards.json").write_text("{")
    assert damage(folder).endswith(
        f"shards.json is damaged; delete it and run `patterngen publish {folder}` to write it anew"
    )


def test_wrong_input_is_named(tmp_path):
    with pytest.raises(PatternGenError, match="no such folder"):
        check(tmp_path / "none")
    with pytest.raises(PatternGenError, match="redraw -1"):
        VerifyConfig(dir="x", redraw=-1)
