"""Command lines that documents and scripts hold, parsed as the programs parse them."""

import functools

import patterngen.cli
import trainer.cli
from patterngen.common.console import run as run_commands
from patterngen.jobs.config import RenderConfig

COMMANDS = {"patterngen": patterngen.cli.COMMANDS, "trainer": trainer.cli.COMMANDS}


def understood(words):
    """Parse a command line as the programs do, without running it; return its config."""
    configs = []

    def recording(command):
        @functools.wraps(command)
        def record(config):
            configs.append(config)

        return record

    program, *arguments = words
    commands = {name: recording(command) for name, command in COMMANDS[program].items()}
    assert run_commands(program, "", commands, arguments) == 0, " ".join(words)
    if isinstance(configs[0], RenderConfig):
        assert configs[0].mixture  # which makes the families
    return configs[0]
