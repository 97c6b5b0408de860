"""VoxCeleb1, identification (Nagrani, Chung, Zisserman, Interspeech 2017)."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar

from trainer.errors import TrainerError
from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Split, Task
from trainer.tasks.groups import Grouped, Grouping
from trainer.tasks.metadata import read_lines, require_files, table_or_refuse

_LIST = "iden_split.txt"
_SPLITS: dict[str, Split] = {"1": "train", "2": "valid", "3": "test"}
_GROUPS = Grouping(what="videos", columns=("video",), file=re.compile(r"(?P<group>[^/]+/[^/]+)/\d+\.\w+$"))
"""Who speaks is what is asked for, so that clips of one video are what must not be on both sides."""


@register
@dataclass(frozen=True, kw_only=True)
class VoxCeleb1:
    """Voices of well-known people in videos: who speaks."""

    name: ClassVar[str] = "vc1"
    licence: ClassVar[str] = "CC BY 4.0; the videos are their owners'"
    source: ClassVar[str] = (
        "https://www.robots.ox.ac.uk/~vgg/data/voxceleb/vox1.html (and its iden_split.txt)"
    )
    published: ClassVar[Published] = Published(
        clips=153_516, classes=1251, seconds=8.2, parts="official list, by video"
    )

    def load(self, root: Path) -> Task:
        """Read ``iden_split.txt`` and ``wav/SPEAKER/VIDEO/N.wav``, or a folder with metadata.csv."""
        if (root / _LIST).is_file():
            found = Grouped(_published(root))
        else:
            found = table_or_refuse(root, self.name, f"{_LIST} and wav/SPEAKER/VIDEO/N.wav", _GROUPS)
        return Task(self.name, found.clips, clip_seconds=8.2, notes=found.notes)


def _published(root: Path) -> tuple[Clip, ...]:
    table = root / _LIST
    clips = []
    for line, text in enumerate(read_lines(table), start=1):
        if not text:
            continue
        split, _, file = text.partition(" ")
        speaker, *video = PurePosixPath(file).parts[:-1] or ("",)
        if split not in _SPLITS or len(video) != 1:
            raise TrainerError(
                f"{table} line {line}: {text[:60]!r} must be a split 1, 2 or 3 and SPEAKER/VIDEO/N.wav"
            )
        clips.append(Clip(root / "wav" / file, speaker, split=_SPLITS[split], group=f"{speaker}/{video[0]}"))
    return require_files(clips, table)
