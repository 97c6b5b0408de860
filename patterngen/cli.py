"""The command ``patterngen``: which module each of its commands is."""

import sys
from collections.abc import Sequence

from patterngen.common.command_table import CommandTable
from patterngen.common.console import run

DESCRIPTION = "Draws synthetic patterns, each with its Total Variation, into WebDataset shards."

COMMANDS = CommandTable(
    "patterngen.commands",
    {
        "list": "list",
        "preview": "preview",
        "show": "show",
        "render": "render",
        "estimate": "estimate",
        "status": "status",
        "stats": "stats",
        "filter": "filter",
        "browse": "browse",
        "verify": "verify",
        "publish": "publish",
        "doctor": "doctor",
        "shaders check": "shaders_check",
        "shaders new": "shaders_new",
    },
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program ``patterngen`` and return its exit code."""
    return run("patterngen", DESCRIPTION, COMMANDS, argv)


if __name__ == "__main__":
    sys.exit(main())
