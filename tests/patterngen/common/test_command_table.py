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
