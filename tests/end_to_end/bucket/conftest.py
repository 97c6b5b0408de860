"""An S3 server with an empty bucket, and the dataset that every run into it must give."""

import logging
import os

import pytest
import s3fs

from patterngen.cli import main
from patterngen.retry import Retry
from patterngen.storage import patience
from tests.end_to_end.bucket.server import RENDER, Server


@pytest.fixture(scope="session")
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
    monkeypatch.setattr(patience, "PATIENCE", Retry(retries=4, pause=0.01))
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


@pytest.fixture(scope="session")
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
