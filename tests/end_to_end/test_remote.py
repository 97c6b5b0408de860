"""Datasets in a bucket: drawn, interrupted, gone on with and read there, against an S3 server of our own."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import s3fs
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

import patterngen
from patterngen.cli import main
from patterngen.executors import Retry
from patterngen.jobs import draw
from patterngen.storage import upload

ROOT = Path(__file__).parents[2]
JOB = ("--family", "dead-leaves-mixed", "--family", "perlin", "--count", 25, "--size", 16, "--seed", 3)
RENDER = ("render", *JOB, "--samples-per-shard", 10)
SHARDS = [f"train-00000{n}" for n in range(3)]
REFUSAL = "<Error><Code>{}</Code><Message>this is a test</Message></Error>"


class Server:
    """moto on a port of this machine, as S3; tells what it was asked, and fails where a test wants it to."""

    def __init__(self):
        self.asked = []
        """(method, key, status, bytes of the answer) of each request for an object, in order."""
        self.faults = []
        """Called with method and key; what answers an error's code, or waits, comes before the store."""
        self._store = DomainDispatcherApplication(create_backend_app)
        self._http = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def _answer(self, environ, start_response):
        method, key = environ["REQUEST_METHOD"], environ["PATH_INFO"].partition("/")[2].partition("/")[2]

        def start(status, headers, *rest):
            size = int(dict(headers).get("Content-Length", 0))
            self.asked.append((method, key, int(status[:3]), size))
            return start_response(status, headers, *rest)

        for fault in list(self.faults):
            if code := fault(method, key):
                status, body = code.partition(" ")[0], REFUSAL.format(code.partition(" ")[2]).encode()
                environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                start(
                    f"{status} X", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
                )
                return [body]
        return self._store(environ, start)

    def close(self):
        self._http.shutdown()

    def put(self):
        """The keys that were written, in order."""
        return [key for method, key, status, _ in self.asked if method == "PUT" and key and status == 200]

    def fail(self, ending, times=10**6, code="409 OperationAborted", method="PUT"):
        """Answer so many requests for keys of this ending with an error."""
        left = [times]

        def fault(asked, key):
            if asked == method and key.endswith(ending) and left[0]:
                left[0] -= 1
                return code
            return None

        self.faults.append(fault)


@pytest.fixture(scope="module")
def running():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = Server()
    yield server
    server.close()


@pytest.fixture
def server(running, monkeypatch):
    """The server with an empty bucket, and an environment in which it is all of S3."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": running.url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(upload, "RETRY", Retry(retries=4, pause=0.01))
    running.faults.clear()
    s3fs.S3FileSystem.clear_instance_cache()
    store = s3fs.S3FileSystem()
    if store.exists("bucket"):
        store.rm("bucket", recursive=True)
    store.mkdir("bucket")
    running.asked.clear()
    return running


@pytest.fixture
def url(server):
    return "s3://bucket/some/set"


@pytest.fixture
def scratch(tmp_path):
    return tmp_path / "scratch"


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """The dataset that every run must give, drawn on this machine's disk."""
    folder = tmp_path_factory.mktemp("local") / "set"
    assert main([*map(str, RENDER), "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def call(capsys):
    """Run a command in this process; return its exit code, and what it printed to stdout and stderr."""

    def call(*words):
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return call


def start(*words):
    """Begin a command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "patterngen.cli", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def hashes(folder):
    return [shard.stats.sha256 for shard in patterngen.DatasetFolder.open(str(folder)).shards]


def keys(server):
    return sorted(name.rpartition("/")[2] for name in s3fs.S3FileSystem().find("bucket"))


def test_a_bucket_gets_what_a_folder_gets_and_each_marker_last(server, url, local, scratch, call):
    code, out, err = call(*RENDER, "--out", url, "--scratch", scratch)
    assert code == 0, err
    assert "s3://bucket/some/set: 25 pictures" in out
    assert keys(server) == sorted(path.name for path in local.iterdir())
    assert hashes(url) == hashes(local)
    written = [key.rpartition("/")[2] for key in server.put()]
    parts = [f"{name}{ending}" for name in SHARDS for ending in (".tar", ".parquet", "_stats.json")]
    indexes = ["classes.json", "README.md", "_info.json", "shards.json"]
    assert written == ["job.yaml", *parts, *indexes]
    assert list(scratch.iterdir()) == []


def test_a_run_of_two_workers_gives_the_same(url, local, scratch, server):
    done = start(*RENDER, "--out", url, "--workers", 2, "--scratch", scratch)
    _, err = done.communicate(timeout=120)
    assert done.returncode == 0, err
    assert hashes(url) == hashes(local)
    assert list(scratch.iterdir()) == []


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
            killed.wait(60)
            return "503 Gone"
        return None

    server.faults.append(wait)
    run = start(*RENDER, "--out", url, "--scratch", scratch)
    assert reached.wait(60)
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


def test_two_runs_of_one_job_at_once_give_one_dataset(server, url, local, call):
    runs = [start(*RENDER, "--out", url) for _ in range(2)]
    ends = [(run.communicate(timeout=120), run.returncode) for run in runs]
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


def test_a_shard_that_is_damaged_there_is_drawn_anew(server, url, local, call):
    assert call(*RENDER, "--out", url)[0] == 0
    s3fs.S3FileSystem().pipe_file("bucket/some/set/train-000000.tar", b"cut short")
    code, _, err = call("stats", url)
    assert code == 2
    assert "train-000000.tar is truncated: 9 of" in err
    assert call(*RENDER, "--out", url)[0] == 0
    assert hashes(url) == hashes(local)


def test_one_picture_of_a_bucket_is_one_small_request(server, url, local, call):
    assert call(*RENDER, "--out", url)[0] == 0
    there, here = patterngen.open(url), patterngen.open(str(local))
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
    with patterngen.open_file(listed[0].path) as tar:
        assert tar.read() == (local / "train-000000.tar").read_bytes()
    repacked = "s3://bucket/repacked"
    code, _, err = call("filter", url, "--family", "perlin", "--repack", repacked)
    assert code == 0, err
    assert {picture.row["family"] for picture in patterngen.open(repacked)} == {"perlin"}
    code, _, err = call("filter", url, "--tv-min", 0, "--out", tmp_path / "all.parquet")
    assert code == 0, err
    assert len(pq.read_table(tmp_path / "all.parquet")) == 25


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
    deadline = time.monotonic() + 60
    while not any(key.endswith("000001.tar") for key in server.put()) and time.monotonic() < deadline:
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130, err
    assert "Traceback" not in err
    assert list(scratch.iterdir()) == []
    server.faults.clear()
    assert call(*RENDER, "--out", url)[0] == 0
    assert hashes(url) == hashes(local)
