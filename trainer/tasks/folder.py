"""Any folder whose folders are the classes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from patterngen.escape import as_text
from patterngen.storage.names import plain_name
from trainer.errors import TrainerError
from trainer.sound.audio_files import audio_files, longest_seconds
from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Task
from trainer.tasks.folder_tree import read_tree
from trainer.tasks.folds import dealt
from trainer.tasks.groups import none_known
from trainer.tasks.metadata import METADATA, refuse_layout


@register
@dataclass(frozen=True, kw_only=True)
class Folder:
    """Any folder of CLASS/CLIP, or of SPLIT/CLASS/CLIP.

    Splits are folders called train, test and perhaps val, or by other common names of these. Without them the
    clips of each class are dealt into folds: by name, so that neighbours, which are often pieces of one
    recording, stay together, and folders below a class whole.

    Args:
        folds: how many, where there are no splits.
        clip_seconds: the length of the clips; by default that of the longest among the first 200.
        below: ``groups`` says that the folders are the classes, and those below them groups, where this could
            be otherwise.
    """

    name: ClassVar[str] = "folder"
    licence: ClassVar[str] = "the user's own"
    source: ClassVar[str] = "a folder of the user's, with a folder for each class"
    published: ClassVar[Published] = Published(parts="folders train, test, perhaps val; else 5 folds")

    folds: int = 5
    clip_seconds: float | None = None
    below: str = ""

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise TrainerError(f"folder: folds = {self.folds} must be at least 2")
        if self.below not in ("", "groups"):
            raise TrainerError(f"folder: below = {self.below!r} must be groups, or left out")

    def load(self, root: Path) -> Task:
        """Read the task; see `trainer.tasks.load`."""
        found = audio_files(root)
        reading = read_tree(
            root, [path.relative_to(root) for path in found.files], grouped=self.below == "groups"
        )
        if reading.splits:
            clips = tuple(
                Clip(path, plain_name(label.name), split=split, group=_group(path, label))
                for split, name in reading.splits.items()
                for label, paths in _by_class(root / name, found.files).items()
                for path in paths
            )
        else:
            classes = _by_class(root, found.files)
            found_clips = [
                Clip(path, plain_name(label.name), group=_group(path, label))
                for label, paths in classes.items()
                for path in paths
            ]
            clips = dealt(found_clips, self.folds)
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
        groups = len({clip.group for clip in clips} - {None})
        told = f"groups: {groups} folders below those of classes" if groups else none_known()
        return Task(self.name, clips, seconds, (*reading.notes, told, *found.left_out.notes))

    def _check_folds(self, clips: Sequence[Clip]) -> None:
        """Say why all clips are in one fold, if they are: in words of files, which know no folds."""
        if len({clip.fold for clip in clips}) == 1:
            alone = len(clips) == len({clip.label for clip in clips})
            what = "one clip" if alone else "nearly all clips in one folder below it, which stays whole"
            raise TrainerError(
                f"{self.name}: every class has {what}, so nothing is left to test on; give each class 2 or "
                "more, or make folders train and test"
            )


def _by_class(folder: Path, files: Sequence[Path]) -> dict[Path, list[Path]]:
    """Gather files by the folder of their class, which lies in this one."""
    found: dict[Path, list[Path]] = defaultdict(list)
    depth = len(folder.parts)
    for path in files:
        if len(path.parts) > depth + 1 and path.parts[:depth] == folder.parts:
            found[folder / path.parts[depth]].append(path)
    return found


def _group(path: Path, label: Path) -> str | None:
    """Return the folder below its class that holds a clip, if any."""
    inner = path.relative_to(label).parts[:-1]
    return as_text("/".join((label.name, *inner))) if inner else None
