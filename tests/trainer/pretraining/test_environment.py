import json
from importlib.metadata import version

import torch

from trainer.pretraining.environment import ENVIRONMENT, record_start
from trainer.training.ranks import Ranks

ALONE = Ranks(torch.device("cpu"))


def test_every_start_is_recorded_with_what_repeats_it(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["/usr/bin/trainer", "pretrain", "--data", "my patterns"])
    for step in (0, 40):
        record_start(tmp_path, dataset="0123456789abcdef", seed=3, step=step, ranks=ALONE)
    content = json.loads((tmp_path / ENVIRONMENT).read_text())
    assert (content["dataset"], content["seed"]) == ("0123456789abcdef", 3)
    assert [start["step"] for start in content["starts"]] == [0, 40]
    start = content["starts"][0]
    assert start["command"] == "trainer pretrain --data 'my patterns'"
    assert start["packages"]["torch"] == version("torch")
    assert start["hardware"]["device"] == "cpu"
    assert start["hardware"]["processes"] == 1
    assert start["hardware"]["cores"] >= 1
    assert start["hardware"]["processor"]


def test_a_module_that_is_run_is_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["/lib/trainer/cli.py", "pretrain"])
    record_start(tmp_path, dataset="0", seed=0, step=0, ranks=ALONE)
    assert json.loads((tmp_path / ENVIRONMENT).read_text())["starts"][0]["command"] == "trainer pretrain"


def test_a_file_that_cannot_be_read_is_begun_again(tmp_path):
    (tmp_path / ENVIRONMENT).write_text("[1, 2")
    record_start(tmp_path, dataset="0", seed=0, step=0, ranks=ALONE)
    assert len(json.loads((tmp_path / ENVIRONMENT).read_text())["starts"]) == 1
