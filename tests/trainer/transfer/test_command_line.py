import shlex

import pytest

from patterngen.common.console import parse
from trainer.transfer.command_line import command_line
from trainer.transfer.probe_config import ProbeConfig


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"run": ("a=runs/my run", "b"), "fold": (2, 5), "seeds": 1, "evar_lr": 0.01, "out": "o'ut"},
        {
            "run": ("-odd", "$HOME; rm"),
            "positions": "sincos",
            "skip_bad": True,
            "pooling": "concat+max",
            "protocol": ("knn", "linear-evar"),
            "choose": True,
        },
    ],
)
def test_the_command_gives_the_same_settings(changed):
    config = ProbeConfig(task="csv:label=pitch_class", root="data/my notes", **changed)
    words = shlex.split(command_line(ProbeConfig.command, config))
    assert words[:3] == ["trainer", "transfer", "probe"]
    assert parse(ProbeConfig, "trainer", "", words[3:]) == config


def test_defaults_are_left_out():
    config = ProbeConfig(task="fsdd", root="data/fsdd")
    assert command_line("transfer probe", config) == "trainer transfer probe --task fsdd --root data/fsdd"
