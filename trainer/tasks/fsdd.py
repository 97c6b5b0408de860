"""The Free Spoken Digit Dataset."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from trainer.tasks import register
from trainer.tasks.contract import Clip, Task
from trainer.tasks.metadata import METADATA, clips_of_table, refuse_layout

_RECORDING = re.compile(r"(?P<digit>\d)_(?P<speaker>[^_]+)_(?P<take>\d+)\.(?:wav|flac)")


@register
@dataclass(frozen=True, kw_only=True)
class Fsdd:
    """Spoken digits, 10 classes; each speaker is a fold, so that voices are unheard."""

    name: ClassVar[str] = "fsdd"
    licence: ClassVar[str] = "CC BY-SA 4.0"
    source: ClassVar[str] = "https://github.com/Jakobovski/free-spoken-digit-dataset"

    def load(self, root: Path) -> Task:
        """Read ``recordings/{digit}_{speaker}_{take}.wav``, or a folder with metadata.csv."""
        if (root / "recordings").is_dir():
            clips = _published(root / "recordings")
        elif (root / METADATA).is_file():
            clips = clips_of_table(root)
        else:
            refuse_layout(root, self.name, f"recordings/DIGIT_SPEAKER_TAKE.wav, or {METADATA}")
        # One second holds 99 % of the clips whole; the digit is at the start of the rest.
        return Task(self.name, clips, clip_seconds=1.0)


def _published(recordings: Path) -> tuple[Clip, ...]:
    matches = [(path, _RECORDING.fullmatch(path.name)) for path in sorted(recordings.iterdir())]
    found = [(path, match["digit"], match["speaker"]) for path, match in matches if match]
    speakers = sorted({speaker for _, _, speaker in found})
    return tuple(Clip(path, digit, speakers.index(speaker) + 1) for path, digit, speaker in found)
