import subprocess
import sys

import pytest

from patterngen.cli import COMMANDS

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


def test_help_lists_commands_without_importing_any():
    code = "import sys; from patterngen.cli import main; main(['--help'])\n"
    code += "assert not [n for n in sys.modules if n.startswith('patterngen.commands.') or n == 'numpy']"
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    for name in COMMANDS:
        assert COMMANDS.summary(name) == COMMANDS[name].__doc__.split("\n")[0] != ""
