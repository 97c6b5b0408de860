"""Datasets read from a bucket, as much of them as is needed."""

import json

import pyarrow.parquet as pq

import patterngen
from patterngen.storage.places import open_file
from tests.end_to_end.bucket.server import RENDER, SHARDS


def test_one_picture_of_a_bucket_is_one_small_request(server, url, local, call):
    assert call(*RENDER, "--out", url)[0] == 0
    there, here = patterngen.open_dataset(url), patterngen.open_dataset(str(local))
    assert there[13].data == here[13].data
    server.asked.clear()
    assert there[17].data == here[17].data
    assert server.asked == [("GET", "some/set/train-000001.tar", 206, 512 + len(here[17].data))]


def test_commands_read_a_bucket(server, url, local, call, tmp_path):
    assert call(*RENDER, "--out", url)[0] == 0
    code, out, _ = call("verify", url)
    assert (code, "3 shards with 25 pictures are sound; 8 drawn again" in out) == (0, True)
    there, here = (json.loads(call("stats", place, "--json")[1]) for place in (url, local))
    assert there | {"path": ""} == here | {"path": ""}
    for place in (url, local):
        code, _, err = call("filter", place, "--quantile", "0.0:0.5")
        assert code == 0, err
    name = "keep-quantile-0-0.5.parquet"
    listed = patterngen.select(url, keep=name)
    assert [shard.path for shard in listed] == [f"{url}/{shard}.tar" for shard in SHARDS]
    assert [shard.keys for shard in listed] == [
        shard.keys for shard in patterngen.select(str(local), keep=name)
    ]
    (local / name).unlink()
    with open_file(listed[0].path) as tar:
        assert tar.read() == (local / "train-000000.tar").read_bytes()
    repacked = "s3://bucket/repacked"
    code, _, err = call("filter", url, "--family", "perlin", "--repack", repacked)
    assert code == 0, err
    assert {picture.row["family"] for picture in patterngen.open_dataset(repacked)} == {"perlin"}
    code, _, err = call("filter", url, "--tv-min", 0, "--out", tmp_path / "all.parquet")
    assert code == 0, err
    assert len(pq.read_table(tmp_path / "all.parquet")) == 25
