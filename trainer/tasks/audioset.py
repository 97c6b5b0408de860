"""AudioSet, the balanced 20 thousand (Gemmeke et al., ICASSP 2017)."""

import csv
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from patterngen.storage.texts import read_text
from trainer.errors import TrainerError
from trainer.sound.audio_files import audio_files
from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Split, Task
from trainer.tasks.groups import Grouping
from trainer.tasks.metadata import read_table, several_labels, table_or_refuse

_SUBSETS: tuple[tuple[Split, str], ...] = (("train", "balanced_train_segments"), ("test", "eval_segments"))
_NAMES = "class_labels_indices.csv"
_ID_LENGTH = 11  # of a YouTube video's id
_GROUPS = Grouping(what="videos", columns=("ytid", "video"))


@register
@dataclass(frozen=True, kw_only=True)
class AudioSet20K:
    """Sounds of videos, several labels a clip: the balanced set."""

    name: ClassVar[str] = "as20k"
    licence: ClassVar[str] = "CC BY 4.0 (labels); the videos are their owners'"
    source: ClassVar[str] = "https://research.google.com/audioset/download.html (lists; sounds from YouTube)"
    published: ClassVar[Published] = Published(
        clips=22_160 + 20_371, classes=527, seconds=10.0, parts="official train and test", multi_label=True
    )

    def load(self, root: Path) -> Task:
        """Read the two lists of segments, and the clips of folders of their names.

        A clip is found by its video's id, as ``ID.wav``, ``YID.wav`` or ``ID_30.000.wav`` and the like, in
        any format, at any depth. Videos disappear, so clips that are not there are noted, not refused. Where
        class_labels_indices.csv is there, labels are its names. A folder with metadata.csv is read too, with
        commas between labels, as EVAR writes it.
        """
        if not all((root / f"{subset}.csv").is_file() for _, subset in _SUBSETS):
            expected = " and ".join(f"{subset}.csv with {subset}/" for _, subset in _SUBSETS)
            table = table_or_refuse(root, self.name, expected, _GROUPS, separator=",")
            return Task(self.name, table.clips, clip_seconds=10.0, notes=table.notes)
        names = _label_names(root / _NAMES)
        found: list[Clip] = []
        notes = []
        for split, subset in _SUBSETS:
            segments = _segments(root / f"{subset}.csv")
            sounds = audio_files(root / subset)
            files = _files_by_id(sounds.files, segments.keys())
            found += [
                Clip(
                    files[video], tuple(names.get(label, label) for label in labels), split=split, group=video
                )
                for video, labels in segments.items()
                if video in files
            ]
            if len(files) < len(segments):
                notes.append(
                    f"{len(segments) - len(files)} of {len(segments)} clips of {subset} are not there"
                )
            notes += [f"{subset}: {note}" for note in sounds.left_out.notes]
        return Task(self.name, tuple(found), clip_seconds=10.0, notes=tuple(notes))


def _segments(table: Path) -> dict[str, tuple[str, ...]]:
    """Read the labels of each video from a list of segments, whose header are comments."""
    try:
        lines = [line for line in read_text(table).splitlines() if line.strip() and line[0] != "#"]
        rows = list(csv.reader(lines, skipinitialspace=True))
    except (OSError, ValueError, csv.Error) as error:
        raise TrainerError(f"{table}: cannot be read as a list of segments ({error})") from None
    for row in rows:
        if len(row) != 4 or len(row[0]) != _ID_LENGTH:
            raise TrainerError(f"{table}: {row} must be YTID, start_seconds, end_seconds, positive_labels")
    videos = [row[0] for row in rows]
    if len(set(videos)) < len(videos):
        twice, _ = Counter(videos).most_common(1)[0]
        raise TrainerError(f"{table}: lists {twice} twice; keep one")
    return {video: several_labels(labels, ",") for video, _, _, labels in rows}


def _label_names(table: Path) -> dict[str, str]:
    if not table.is_file():
        return {}
    return {row["mid"]: row["display_name"] for _, row in read_table(table, ("mid", "display_name"))}


def _files_by_id(paths: Iterable[Path], videos: Collection[str]) -> dict[str, Path]:
    """Find the clip of each video; ids may begin with any letter, so a Y before them is tried second."""
    files: dict[str, Path] = {}
    for path in paths:
        for start in (0, 1 if path.stem.startswith("Y") else 0):
            video = path.stem[start : start + _ID_LENGTH]
            if video in videos:
                files.setdefault(video, path)
                break
    return files
