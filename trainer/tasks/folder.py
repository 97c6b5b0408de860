"""Any folder whose folders are the classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, get_args

from trainer.errors import TrainerError
from trainer.tasks import register
from trainer.tasks.audio_files import audio_files, longest_seconds, subfolders
from trainer.tasks.contract import Clip, Published, Split, Task
from trainer.tasks.metadata import METADATA, refuse_layout


@register
@dataclass(frozen=True, kw_only=True)
class Folder:
    """Any folder of CLASS/CLIP, or of SPLIT/CLASS/CLIP.

    Without the splits train, valid and test, the clips of each class are dealt into folds: by name, so that
    neighbours, which are often pieces of one recording, stay together, and folders below a class whole.

    Args:
        folds: how many, where there are no splits.
        clip_seconds: the length of the clips; by default that of the longest among the first 200.
    """

    name: ClassVar[str] = "folder"
    licence: ClassVar[str] = "the user's own"
    source: ClassVar[str] = "a folder of the user's, with a folder for each class"
    published: ClassVar[Published] = Published(parts="folders train, valid, test; else 5 folds")

    folds: int = 5
    clip_seconds: float | None = None

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise TrainerError(f"folder: folds = {self.folds} must be at least 2")

    def load(self, root: Path) -> Task:
        """Read the task; see `trainer.tasks.load`."""
        names = {folder.name for folder in subfolders(root)}
        if {"train", "test"} <= names <= {*get_args(Split)}:
            clips = tuple(
                Clip(path, label.name, split=split, group=_group(path, label))
                for split in get_args(Split)
                if split in names
                for label in subfolders(root / split)
                for path in audio_files(label, "**/*")
            )
        else:
            clips = tuple(clip for label in subfolders(root) for clip in self._dealt(label))
            self._check_folds(clips)
        if not clips:
            refuse_layout(
                root,
                self.name,
                f"CLASS/CLIP.wav or train/CLASS/CLIP.wav and test/ (or {METADATA} as task csv)",
            )
        seconds = (
            longest_seconds([clip.path for clip in clips]) if self.clip_seconds is None else self.clip_seconds
        )
        return Task(self.name, clips, seconds)

    def _dealt(self, label: Path) -> list[Clip]:
        """Deal the clips of one class into folds of equal size, as far as whole groups allow."""
        paths = audio_files(label, "**/*")
        clips: list[Clip] = []
        folds: dict[str, int] = {}
        for i, path in enumerate(paths):
            group = _group(path, label)
            fold = 1 + i * self.folds // len(paths)
            if group is not None:
                fold = folds.setdefault(group, fold)
            clips.append(Clip(path, label.name, fold, group=group))
        return clips

    def _check_folds(self, clips: Sequence[Clip]) -> None:
        """Say why all clips are in one fold, if they are: in words of files, which know no folds."""
        if len({clip.fold for clip in clips}) == 1:
            alone = len(clips) == len({clip.label for clip in clips})
            what = "one clip" if alone else "nearly all clips in one folder below it, which stays whole"
            raise TrainerError(
                f"{self.name}: every class has {what}, so nothing is left to test on; give each class 2 or "
                "more, or make folders train and test"
            )


def _group(path: Path, label: Path) -> str | None:
    """Return the folder below its class that holds a clip, if any."""
    inner = path.relative_to(label).parts[:-1]
    return "/".join((label.name, *inner)) if inner else None
