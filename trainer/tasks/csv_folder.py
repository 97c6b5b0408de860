"""Any folder of clips with a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import soundfile

from trainer.errors import TrainerError
from trainer.tasks import register
from trainer.tasks.contract import Clip, Task
from trainer.tasks.metadata import clips_of_table

_MEASURED = 200  # clips whose length is looked up when none is given


@register
@dataclass(frozen=True, kw_only=True)
class CsvFolder:
    """Any folder with metadata.csv: file_name, label, and fold or split.

    Args:
        clip_seconds: the length of the clips; by default that of the longest among the first 200.
        label: the column that holds the labels.
    """

    name: ClassVar[str] = "csv"
    licence: ClassVar[str] = "the user's own"
    source: ClassVar[str] = "a folder of the user's, with metadata.csv"

    clip_seconds: float | None = None
    label: str = "label"

    def load(self, root: Path) -> Task:
        """Read the task; see `trainer.tasks.load`."""
        clips = clips_of_table(root, label=self.label)
        seconds = longest_seconds(clips[:_MEASURED]) if self.clip_seconds is None else self.clip_seconds
        return Task(self.name, clips, seconds)


def longest_seconds(clips: Sequence[Clip]) -> float:
    """Return the length of the longest clip, from the files' headers.

    Raises:
        TrainerError: a file that is not audio, or none that holds a sample.
    """
    longest = 0.0
    for clip in clips:
        try:
            longest = max(longest, float(soundfile.info(clip.path).duration))
        except soundfile.LibsndfileError as error:
            raise TrainerError(f"{clip.path}: cannot be read as audio ({error.error_string})") from None
    if longest == 0:
        raise TrainerError(f"{clips[0].path} and {len(clips) - 1} more clips hold no samples")
    return longest
