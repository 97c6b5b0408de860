"""The command ``trainer``: which module each of its commands is."""

import sys
from collections.abc import Sequence

from patterngen.common.command_table import CommandTable
from patterngen.common.console import run

DESCRIPTION = "Pre-trains masked autoencoders on patterns and transfers their encoders to sound."

COMMANDS = CommandTable(
    "trainer.commands",
    {
        "pretrain": "pretrain",
        "estimate": "estimate",
        "show": "show",
        "verify": "verify",
        "sweep": "sweep",
        "transfer probe": "transfer_probe",
        "transfer finetune": "transfer_finetune",
        "map": "map",
        "results": "results",
        "compare": "compare",
        "study": "study",
        "import": "import_weights",
        "encoders": "encoders",
        "export": "export",
        "export onnx": "export_onnx",
        "embed": "embed",
        "sound": "sound",
        "spectrograms": "spectrograms",
        "tasks": "tasks",
        "tasks check": "tasks_check",
        "tasks export": "tasks_export",
    },
    extra="train",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program ``trainer`` and return its exit code."""
    return run("trainer", DESCRIPTION, COMMANDS, argv)


if __name__ == "__main__":
    sys.exit(main())
