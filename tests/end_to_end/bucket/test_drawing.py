"""Datasets drawn into a bucket: by one run, by several, and further."""

from collections import Counter

import patterngen
from tests.end_to_end.bucket.server import RENDER, SHARDS, hashes, keys
from tests.processes import start


def test_a_bucket_gets_what_a_folder_gets_and_each_marker_last(server, url, local, scratch, call):
    code, out, err = call(*RENDER, "--out", url, "--scratch", scratch)
    assert code == 0, err
    assert "s3://bucket/some/set: 25 pictures" in out
    assert keys(server) == sorted(path.name for path in local.iterdir())
    assert hashes(url) == hashes(local)
    written = [key.rpartition("/")[2] for key in server.put()]
    parts = [f"{name}{ending}" for name in SHARDS for ending in (".tar", ".parquet", "_stats.json")]
    indexes = ["classes.json", "README.md", "croissant.json", "_info.json", "shards.json"]
    assert written == ["job.yaml", *parts, *indexes]
    assert list(scratch.iterdir()) == []


def test_a_run_of_two_workers_gives_the_same(url, local, scratch, server):
    done = start(*RENDER, "--out", url, "--workers", 2, "--scratch", scratch)
    _, err = done.communicate(timeout=300)
    assert done.returncode == 0, err
    assert hashes(url) == hashes(local)
    assert list(scratch.iterdir()) == []


def test_two_runs_of_one_job_at_once_give_one_dataset(server, url, local, call):
    runs = [start(*RENDER, "--out", url) for _ in range(2)]
    ends = [(run.communicate(timeout=300), run.returncode) for run in runs]
    assert [code for _, code in ends] == [0, 0], ends
    assert hashes(url) == hashes(local)
    assert call("verify", url, "--redraw", 2)[0] == 0
    assert keys(server) == sorted(path.name for path in local.iterdir())


def test_going_on_lists_once_and_asks_for_no_tar(server, url, call):
    assert call(*RENDER, "--out", url)[0] == 0
    server.asked.clear()
    code, out, _ = call(*RENDER, "--out", url, "--dry-run")
    assert code == 0
    assert "0 shards with 0 pictures are missing" in out
    asked = Counter(key.rpartition("/")[2] for _, key, _, _ in server.asked)
    assert asked == {"": 1, "quarantine.jsonl": 1} | {f"{name}_stats.json": 1 for name in SHARDS}


def test_a_larger_count_extends_a_bucket(server, url, call):
    assert call(*RENDER, "--out", url)[0] == 0
    before = hashes(url)
    server.asked.clear()
    code, _, err = call("render", "--config", f"{url}/job.yaml", "--count", 40)
    assert code == 0, err
    assert [key[-9:] for key in server.put() if key.endswith(".tar")] == ["00002.tar", "00003.tar"]
    assert hashes(url)[:2] == before[:2]
    assert sum(shard.count for shard in patterngen.DatasetFolder.open(url).shards) == 40
