"""The Free Spoken Digit Dataset."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from trainer.sound.audio_files import audio_files
from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Task
from trainer.tasks.groups import Grouped, Grouping
from trainer.tasks.metadata import table_or_refuse

_RECORDING = re.compile(r"(?P<digit>\d)_(?P<speaker>[^_]+)_(?P<take>\d+)\.(?:wav|flac)")
_GROUPS = Grouping(what="speakers", file=re.compile(r"(?:^|/)\d_(?P<group>[^_/]+)_\d+\."))


@register
@dataclass(frozen=True, kw_only=True)
class Fsdd:
    """Spoken digits, by voices that training has not seen."""

    name: ClassVar[str] = "fsdd"
    licence: ClassVar[str] = "CC BY-SA 4.0"
    source: ClassVar[str] = "https://github.com/Jakobovski/free-spoken-digit-dataset"
    published: ClassVar[Published] = Published(
        clips=3000, classes=10, seconds=1.0, parts="6 folds, one a speaker"
    )

    def load(self, root: Path) -> Task:
        """Read ``recordings/{digit}_{speaker}_{take}.wav``, or a folder with metadata.csv."""
        if (root / "recordings").is_dir():
            found = Grouped(_published(root / "recordings"))
        else:
            found = table_or_refuse(root, self.name, "recordings/DIGIT_SPEAKER_TAKE.wav", _GROUPS)
        # One second holds 99 % of the clips whole; the digit is at the start of the rest.
        return Task(self.name, found.clips, clip_seconds=1.0, notes=found.notes)


def _published(recordings: Path) -> tuple[Clip, ...]:
    paths = audio_files(recordings, deep=False).files
    matches = [(path, _RECORDING.fullmatch(path.name)) for path in paths]
    found = [(path, match["digit"], match["speaker"]) for path, match in matches if match]
    speakers = sorted({speaker for _, _, speaker in found})
    return tuple(
        Clip(path, digit, speakers.index(speaker) + 1, group=speaker) for path, digit, speaker in found
    )
