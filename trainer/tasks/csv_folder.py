"""Any folder of clips with a table."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from trainer.errors import TrainerError
from trainer.sound.audio_files import longest_seconds
from trainer.tasks import register
from trainer.tasks.contract import Published, Task
from trainer.tasks.metadata import SEPARATOR, clips_of_table


@register
@dataclass(frozen=True, kw_only=True)
class CsvFolder:
    """Any folder with metadata.csv: file_name, label, and fold or split if it has them.

    A table that has neither gets folds: the clips of each class are dealt by name, groups whole.

    Args:
        folds: how many, where the table has no column fold or split.
        clip_seconds: the length of the clips; by default that of the longest among the first 200.
        label: the column that holds the labels.
        group: the column that names what clips share, a speaker or a source recording; by default the first
            of group, speaker, recording, instrument, patient and the like that tells more than the label.
        separator: what stands between the labels of one clip; a class name may not hold it.
    """

    name: ClassVar[str] = "csv"
    licence: ClassVar[str] = "the user's own"
    source: ClassVar[str] = "a folder of the user's, with metadata.csv"
    published: ClassVar[Published] = Published(parts="its fold or split column; else 5 folds")

    folds: int = 5
    clip_seconds: float | None = None
    label: str = "label"
    group: str | None = None
    separator: str = SEPARATOR

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise TrainerError(f"csv: folds = {self.folds} must be at least 2")
        if not self.separator:
            raise TrainerError("csv: separator = '' must be at least one character")

    def load(self, root: Path) -> Task:
        """Read the task; see `trainer.tasks.load`."""
        found = clips_of_table(
            root, label=self.label, separator=self.separator, group=self.group, folds=self.folds
        )
        seconds = (
            longest_seconds([clip.path for clip in found.clips])
            if self.clip_seconds is None
            else self.clip_seconds
        )
        return Task(self.name, found.clips, seconds, found.notes)
