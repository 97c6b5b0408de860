"""ESC-50: Dataset for Environmental Sound Classification (Piczak, ACM Multimedia 2015)."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Task
from trainer.tasks.groups import Grouped, Grouping
from trainer.tasks.metadata import parse_fold, read_table, require_files, table_or_refuse

_GROUPS = Grouping(
    what="source recordings",
    columns=("src_file", "src"),
    file=re.compile(r"(?:^|/)\d-(?P<group>\d+)-[A-Z]-\d+\."),
)


@register
@dataclass(frozen=True, kw_only=True)
class Esc50:
    """Sounds of the surroundings, 40 clips of each class."""

    name: ClassVar[str] = "esc50"
    licence: ClassVar[str] = "CC BY-NC 3.0"
    source: ClassVar[str] = "https://github.com/karolpiczak/ESC-50"
    published: ClassVar[Published] = Published(clips=2000, classes=50, seconds=5.0, parts="5 official folds")

    def load(self, root: Path) -> Task:
        """Read ``meta/esc50.csv`` and ``audio/``, or a folder with metadata.csv."""
        if (root / "meta" / "esc50.csv").is_file():
            found = Grouped(_published(root))
        else:
            found = table_or_refuse(root, self.name, "meta/esc50.csv and audio/", _GROUPS)
        return Task(self.name, found.clips, clip_seconds=5.0, notes=found.notes)


def _published(root: Path) -> tuple[Clip, ...]:
    table = root / "meta" / "esc50.csv"
    clips = [
        Clip(
            root / "audio" / row["filename"],
            row["category"],
            parse_fold(row["fold"], f"{table} line {line}"),
            group=row.get("src_file"),
        )
        for line, row in read_table(table, ("filename", "fold", "category"))
    ]
    return require_files(clips, table)
