"""The numbers of a run: metrics.jsonl, and the same for TensorBoard."""

import json
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from patterngen import atomic_file


class Metrics:
    """Where the numbers of a run go: metrics.jsonl (one JSON object a line) and TensorBoard.

    Args:
        run: the run folder.
        done: steps that are done; what was logged after them is forgotten, for it will be done again.
    """

    def __init__(self, run: Path, done: int) -> None:
        self.file = run / "metrics.jsonl"
        rows = [row for row in read_metrics(run) if row["step"] <= done]
        with atomic_file(self.file) as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows).encode())
        self._board = SummaryWriter(str(run / "tensorboard"), purge_step=done + 1)

    def write(self, row: dict[str, float]) -> None:
        """Append one row, which holds its ``step``."""
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        for name, value in row.items():
            if name != "step":
                self._board.add_scalar(name, value, int(row["step"]))

    def close(self) -> None:
        """Bring everything to the disk."""
        self._board.close()


def read_metrics(run: Path) -> list[dict[str, float]]:
    """Read the rows of a run's metrics.jsonl, if there are any, up to a line that a crash cut short."""
    file = run / "metrics.jsonl"
    rows = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return rows
