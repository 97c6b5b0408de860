"""How the commands that write an encoder print what became of its tensors."""

from collections.abc import Sequence

from patterngen.terminal import print_json, print_line


def print_load_report(folder: str, report: Sequence[str], *, json: bool) -> None:
    """Print a line for each change of a tensor, then the folder that was written; or both as JSON."""
    if json:
        print_json({"out": folder, "report": list(report)})
        return
    for line in report:
        print_line(line)
    print_line(folder)
