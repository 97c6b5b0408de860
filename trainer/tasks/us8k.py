"""UrbanSound8K (Salamon, Jacoby, Bello, ACM Multimedia 2014)."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Task
from trainer.tasks.groups import Grouped, Grouping
from trainer.tasks.metadata import parse_fold, read_table, require_files, table_or_refuse

_TABLE = Path("metadata", "UrbanSound8K.csv")
_GROUPS = Grouping(
    what="source recordings", columns=("fsID",), file=re.compile(r"(?:^|/)(?P<group>\d+)-\d+-\d+-\d+\.")
)


@register
@dataclass(frozen=True, kw_only=True)
class UrbanSound8K:
    """Sounds of the city; slices of a recording share their fold."""

    name: ClassVar[str] = "us8k"
    licence: ClassVar[str] = "CC BY-NC 3.0"
    source: ClassVar[str] = "https://urbansounddataset.weebly.com/urbansound8k.html"
    published: ClassVar[Published] = Published(clips=8732, classes=10, seconds=4.0, parts="10 official folds")

    def load(self, root: Path) -> Task:
        """Read ``metadata/UrbanSound8K.csv`` and ``audio/foldN/``, or a folder with metadata.csv."""
        if (root / _TABLE).is_file():
            found = Grouped(_published(root))
        else:
            found = table_or_refuse(root, self.name, f"{_TABLE} and audio/fold1/ … audio/fold10/", _GROUPS)
        return Task(self.name, found.clips, clip_seconds=4.0, notes=found.notes)


def _published(root: Path) -> tuple[Clip, ...]:
    table = root / _TABLE
    clips = []
    for line, row in read_table(table, ("slice_file_name", "fsID", "fold", "class")):
        fold = parse_fold(row["fold"], f"{table} line {line}")
        file = root / "audio" / f"fold{fold}" / row["slice_file_name"]
        clips.append(Clip(file, row["class"], fold, group=row["fsID"]))
    return require_files(clips, table)
