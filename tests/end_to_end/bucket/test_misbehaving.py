"""A store that fails in all the ways in which stores do, in a third of all requests: the same at last."""

import random

import s3fs

from patterngen.retry import Retry
from patterngen.storage import patience
from tests.end_to_end.bucket.misbehaviour import RATES
from tests.end_to_end.bucket.server import RENDER, hashes, keys
from tests.searching import MORE
from tests.shallow import shallow_model, shallow_settings
from trainer.pretraining.pretrain import pretrain
from trainer.training.metrics_log import read_metrics


def impatient(monkeypatch):
    """Let the libraries below give up soon, so that it is our patience that is tested."""
    monkeypatch.setattr(s3fs.S3FileSystem, "read_timeout", 0.5)
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(patience, "PATIENCE", Retry(retries=12, pause=0.001))


def until_done(call, *words):
    """Run a command again until it is done: it may give up, in words."""
    for _ in range(10):
        code, _, err = call(*words)
        assert "Traceback" not in err
        assert code in (0, 1) or (code, err.count("\n")) == (2, 1), err
        if code == 0:
            return
    raise AssertionError(f"never done: {err}")


def learn(data, out):
    with shallow_model():
        return [
            row["loss"] for row in read_metrics(pretrain(shallow_settings(data, out, steps=2, show_every=0)))
        ]


def test_a_store_that_misbehaves_gets_and_gives_the_same(server, url, local, call, tmp_path, monkeypatch):
    """Drawn, described, checked and learned from."""
    impatient(monkeypatch)
    expected = learn(local, tmp_path / "here")
    for seed in [0] if MORE == 1 else random.sample(range(10**9), MORE):
        server.misbehave(seed, RATES)
        until_done(call, *RENDER, "--out", url)
        until_done(call, "publish", url)
        until_done(call, "verify", url, "--redraw", 0)
        learned = learn(url, tmp_path / f"there-{seed}")
        misbehaved = server.behave()
        print(f"seed {seed}: {dict(misbehaved)}")
        assert {*misbehaved} >= {"500 InternalError", "503 SlowDown", "hang up", "reset", "lost"}
        assert learned == expected
        assert hashes(url) == hashes(local)
        assert keys(server) == sorted(path.name for path in local.iterdir())
        s3fs.S3FileSystem().rm("bucket/some", recursive=True)


def test_a_store_that_stays_broken_is_one_line(server, url, call, monkeypatch):
    impatient(monkeypatch)
    monkeypatch.setattr(patience, "PATIENCE", Retry(retries=4, pause=0.001))
    for kind, method in (("500 InternalError", "PUT"), ("503 SlowDown", "PUT"), ("hang up", "GET")):
        server.misbehave(0, {kind: 1.0})
        server.asked.clear()
        code, _, err = call(*RENDER, "--out", url)
        misbehaved = server.behave()
        assert code in (1, 2)
        assert err.count("\n") == 1
        assert url in err
        assert misbehaved[kind] <= 5, method  # bounded: a try and four more
