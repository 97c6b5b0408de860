"""Drawing into a bucket that fails, from a machine that fails: nothing is lost, and runs go on."""

import signal
import threading
import time
from collections import Counter

import s3fs

from patterngen.jobs import draw
from tests.end_to_end.bucket.server import RENDER, hashes, keys
from tests.processes import start


def test_an_upload_that_fails_twice_costs_no_second_drawing(server, url, local, call, monkeypatch):
    drawn, draw_pictures = [], draw.draw_pictures
    monkeypatch.setattr(
        draw,
        "draw_pictures",
        lambda job, indices, *rest: drawn.extend(indices) or draw_pictures(job, indices, *rest),
    )
    server.fail("train-000001.tar", times=2)
    server.fail("train-000002_stats.json", times=2)
    code, _, err = call(*RENDER, "--out", url)
    assert code == 0, err
    assert drawn == list(range(25))
    answers = Counter(
        (key.rpartition("/")[2], status) for method, key, status, _ in server.asked if method == "PUT"
    )
    assert answers["train-000001.tar", 409] == answers["train-000002_stats.json", 409] == 2
    assert answers["train-000001.tar", 200] == answers["train-000002_stats.json", 200] == 1
    assert hashes(url) == hashes(local)


def test_an_upload_that_always_fails_is_a_failed_shard_and_the_command_goes_on(server, url, local, call):
    server.fail("train-000001.parquet")
    code, _, err = call(*RENDER, "--out", url)
    assert code == 1
    assert "1 of 3 shards failed; the others are whole" in err
    assert f"`patterngen render --config {url}/job.yaml`" in err
    assert f"train-000001: GaveUpError: {url}/train-000001.parquet could not be uploaded, 5 times" in err
    assert "train-000001_stats.json" not in keys(server)
    code, out, _ = call("status", url)
    assert code == 0
    assert "2 of 3 shards" in out
    assert "could not be uploaded" in out
    server.faults.clear()
    server.asked.clear()
    code, _, err = call("render", "--config", f"{url}/job.yaml")
    assert code == 0, err
    assert [key for key in server.put() if key.endswith(".tar")] == ["some/set/train-000001.tar"]
    assert hashes(url) == hashes(local)
    assert keys(server) == sorted(path.name for path in local.iterdir())


def test_a_run_killed_between_tar_and_marker_goes_on(server, url, local, scratch, call):
    reached, killed = threading.Event(), threading.Event()

    def wait(method, key):
        if method == "PUT" and key.endswith("train-000001_stats.json") and not killed.is_set():
            reached.set()
            killed.wait(300)
            return "503 Gone"
        return None

    server.faults.append(wait)
    run = start(*RENDER, "--out", url, "--scratch", scratch)
    assert reached.wait(300)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    killed.set()
    assert {"train-000001.tar", "train-000001.parquet"} < set(keys(server))
    assert "train-000001_stats.json" not in keys(server)
    assert len(list(scratch.iterdir())) == 1
    server.asked.clear()
    code, _, err = call("render", "--config", f"{url}/job.yaml", "--scratch", scratch)
    assert code == 0, err
    assert [key for key in server.put() if key.endswith(".tar")] == [
        "some/set/train-000001.tar",
        "some/set/train-000002.tar",
    ]
    assert hashes(url) == hashes(local)
    assert list(scratch.iterdir()) == []


def test_a_shard_that_is_damaged_there_is_drawn_anew(server, url, local, call):
    assert call(*RENDER, "--out", url)[0] == 0
    s3fs.S3FileSystem().pipe_file("bucket/some/set/train-000000.tar", b"cut short")
    code, _, err = call("stats", url)
    assert code == 2
    assert "train-000000.tar is truncated: 9 of" in err
    assert call(*RENDER, "--out", url)[0] == 0
    assert hashes(url) == hashes(local)


def test_what_cannot_be_reached_is_one_line(server, call, monkeypatch):
    def complaint(where):
        code, _, err = call(*RENDER, "--out", where)
        assert code == 2
        assert err.count("\n") == 1, err
        return err

    assert "s3://nobody/set/job.yaml cannot be written" in complaint("s3://nobody/set")
    assert "make the bucket first" in complaint("s3://nobody/set")
    assert "no scheme that fsspec knows" in complaint("s4://bucket/set")
    assert "would run a command" in complaint("pipe:cat > /tmp/set")
    server.fail("job.yaml", code="403 AccessDenied")
    assert "writing is denied" in complaint("s3://bucket/set")
    server.fail("", code="403 InvalidAccessKeyId", method="GET")
    assert "access is denied" in complaint("s3://bucket/set")
    server.faults.clear()
    s3fs.S3FileSystem.clear_instance_cache()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "Unable to locate credentials" in complaint("s3://bucket/set")


def test_ctrl_c_leaves_nothing_half_sent(server, url, local, scratch, call):
    server.faults.append(lambda method, key: time.sleep(0.5) if key.endswith("000001.parquet") else None)
    run = start(*RENDER, "--out", url, "--scratch", scratch)
    deadline = time.monotonic() + 300
    while not any(key.endswith("000001.tar") for key in server.put()) and time.monotonic() < deadline:
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=300)
    assert run.returncode == 130, err
    assert "Traceback" not in err
    assert list(scratch.iterdir()) == []
    server.faults.clear()
    assert call(*RENDER, "--out", url)[0] == 0
    assert hashes(url) == hashes(local)
