import shlex

import pytest

from patterngen.common.console import parse
from trainer.transfer.command_line import command_line
from trainer.transfer.linear import LinearConfig


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"run": ("a=runs/my run", "b"), "fold": (2, 5), "seeds": 1, "lr": 0.01, "out": "o'ut"},
        {
            "run": ("-odd", "$HOME; rm"),
            "positions": "sincos",
            "skip_bad": True,
            "pooling": "concat+max",
        },
    ],
)
def test_the_command_gives_the_same_settings(changed):
    config = LinearConfig(task="csv:label=pitch_class", root="data/my notes", **changed)
    words = shlex.split(command_line(LinearConfig.command, config))
    assert words[:3] == ["trainer", "transfer", "linear"]
    assert parse(LinearConfig, "trainer", "", words[3:]) == config


def test_defaults_are_left_out():
    config = LinearConfig(task="fsdd", root="data/fsdd")
    assert command_line("transfer linear", config) == "trainer transfer linear --task fsdd --root data/fsdd"
