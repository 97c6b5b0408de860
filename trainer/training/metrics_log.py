"""The numbers of a run: metrics.jsonl, one JSON object a line, and the same for boards."""

import json
from collections.abc import Sequence
from pathlib import Path

from patterngen.storage.files import flush_to_disk, write_atomic
from patterngen.storage.texts import parse_json
from trainer.training.boards import Board

METRICS = "metrics.jsonl"
"""Name of the file in a run's folder."""


class MetricsLog:
    """Where the numbers of a run go.

    Args:
        run: the run folder.
        done: steps that are done; what was logged after them is forgotten, for it will be done again.
        boards: who gets each row too.
    """

    def __init__(self, run: Path, done: int, boards: Sequence[Board] = ()) -> None:
        self.file = run / METRICS
        self.boards = boards
        rows = [row for row in read_metrics(run) if row["step"] <= done]
        write_atomic(self.file, "".join(json.dumps(row) + "\n" for row in rows).encode())

    def write(self, row: dict[str, float]) -> None:
        """Append one row, which holds its ``step``."""
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        for board in self.boards:
            board.write(row)

    def flush_to_disk(self) -> None:
        """Bring the rows to the disk: a checkpoint that is there needs those of the steps before it."""
        with self.file.open("rb") as file:
            flush_to_disk(file)

    def show(self, name: str, picture: Path, step: int) -> None:
        """Give the boards a picture of the run at a step."""
        for board in self.boards:
            board.show(name, picture, step)

    def close(self) -> None:
        """Bring everything to where it goes."""
        for board in self.boards:
            board.close()


def read_metrics(run: Path) -> list[dict[str, float]]:
    """Read the rows of a run's metrics.jsonl, if there are any, up to one that is cut short or damaged."""
    file = run / METRICS
    rows = []
    for line in file.read_bytes().splitlines() if file.exists() else []:
        try:
            row = parse_json(line)
        except ValueError:  # also of bytes that are no text
            break
        if not isinstance(row, dict) or "step" not in row:
            break
        rows.append(row)
    return rows
