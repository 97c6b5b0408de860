"""ESC-50: Dataset for Environmental Sound Classification (Piczak, ACM Multimedia 2015)."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from trainer.tasks import register
from trainer.tasks.contract import Clip, Task
from trainer.tasks.metadata import (
    METADATA,
    clips_of_table,
    parse_fold,
    read_table,
    refuse_layout,
    require_files,
)


@register
@dataclass(frozen=True, kw_only=True)
class Esc50:
    """Sounds of the surroundings, 50 classes of 40 clips, in the five official folds."""

    name: ClassVar[str] = "esc50"
    licence: ClassVar[str] = "CC BY-NC 3.0"
    source: ClassVar[str] = "https://github.com/karolpiczak/ESC-50"

    def load(self, root: Path) -> Task:
        """Read ``meta/esc50.csv`` and ``audio/``, or a folder with metadata.csv."""
        if (root / "meta" / "esc50.csv").is_file():
            clips = _published(root)
        elif (root / METADATA).is_file():
            clips = clips_of_table(root)
        else:
            refuse_layout(root, self.name, f"meta/esc50.csv and audio/, or {METADATA}")
        return Task(self.name, clips, clip_seconds=5.0)


def _published(root: Path) -> tuple[Clip, ...]:
    table = root / "meta" / "esc50.csv"
    clips = [
        Clip(
            root / "audio" / row["filename"], row["category"], parse_fold(row["fold"], f"{table} line {line}")
        )
        for line, row in read_table(table, ("filename", "fold", "category"))
    ]
    return require_files(clips, table)
