import subprocess
import sys
from dataclasses import fields
from typing import get_type_hints

import pytest

import patterngen.cli
import trainer.cli
from patterngen import MissingDependencyError
from patterngen.cli import COMMANDS
from patterngen.common.command_table import CommandTable

CODE = """
import sys
from patterngen.cli import COMMANDS
assert "list" in COMMANDS and "nothing" not in COMMANDS and len(list(COMMANDS)) == len(COMMANDS)
COMMANDS["list"]
print(*(name for name in sys.modules if name.startswith("patterngen.commands.")))
"""


def test_a_module_is_imported_when_its_command_is_looked_up():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["patterngen.commands.list"]


def test_a_name_that_is_no_command():
    with pytest.raises(KeyError):
        COMMANDS["nothing"]


def test_a_package_that_is_missing_is_named_with_the_extra_that_brings_it():
    table = CommandTable("json", {"one": "nothing"}, extra="train")
    with pytest.raises(MissingDependencyError, match=r"'json.nothing' is missing: pip install .*\[train\]"):
        table["one"]
    with pytest.raises(ModuleNotFoundError, match=r"json\.nothing"):
        CommandTable("json", {"one": "nothing"})["one"]


@pytest.mark.parametrize("commands", [patterngen.cli.COMMANDS, trainer.cli.COMMANDS])
def test_every_command_prints_its_result_as_json_too(commands):
    settings = [get_type_hints(command)["config"] for command in commands.values()]
    assert all("json" in {field.name for field in fields(config)} for config in settings)


def test_help_lists_commands_without_importing_any():
    code = "import sys; from patterngen.cli import main; main(['--help'])\n"
    code += "assert not [n for n in sys.modules if n.startswith('patterngen.commands.') or n == 'numpy']"
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    for commands in (COMMANDS, trainer.cli.COMMANDS):
        for name in commands:
            assert commands.summary(name) == commands[name].__doc__.split("\n")[0] != ""
