"""Speech Commands, both versions (Warden, arXiv:1804.03209)."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from patterngen.storage.names import plain_name
from patterngen.storage.walk import LeftOut, subfolders
from trainer.errors import TrainerError
from trainer.sound.audio_files import audio_files
from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Split, Task
from trainer.tasks.groups import Grouped, Grouping
from trainer.tasks.metadata import read_lines, require_files, table_or_refuse

_LISTS: tuple[tuple[Split, str], ...] = (("valid", "validation_list.txt"), ("test", "testing_list.txt"))
_NOISE = "_background_noise_"  # long recordings to mix in; no word is said in them
_ONLY_IN_V2 = frozenset({"backward", "follow", "forward", "learn", "visual"})
_GROUPS = Grouping(what="speakers", file=re.compile(r"(?:^|/)(?P<group>[^/]+?)_nohash_\d+\."))


@register
@dataclass(frozen=True, kw_only=True)
class SpeechCommands1:
    """Spoken words, version 1."""

    name: ClassVar[str] = "spcv1"
    licence: ClassVar[str] = "CC BY 4.0"
    source: ClassVar[str] = "http://download.tensorflow.org/data/speech_commands_v0.01.tar.gz"
    published: ClassVar[Published] = Published(
        clips=64_721, classes=30, seconds=1.0, parts="official lists, by speaker"
    )

    def load(self, root: Path) -> Task:
        """Read ``WORD/SPEAKER_nohash_N.wav`` and the two lists, or a folder with metadata.csv."""
        task = _load(root, self.name)
        newer = _ONLY_IN_V2.intersection(task.classes)
        if newer:
            raise TrainerError(
                f"{root} is not the task spcv1: the words {', '.join(sorted(newer))} are of version 2; "
                "name the task spcv2"
            )
        return task


@register
@dataclass(frozen=True, kw_only=True)
class SpeechCommands2:
    """Spoken words, version 2."""

    name: ClassVar[str] = "spcv2"
    licence: ClassVar[str] = "CC BY 4.0"
    source: ClassVar[str] = "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz"
    published: ClassVar[Published] = Published(
        clips=105_829, classes=35, seconds=1.0, parts="official lists, by speaker"
    )

    def load(self, root: Path) -> Task:
        """Read ``WORD/SPEAKER_nohash_N.wav`` and the two lists, or a folder with metadata.csv."""
        return _load(root, self.name)


def _load(root: Path, name: str) -> Task:
    if all((root / file).is_file() for _, file in _LISTS):
        clips, left_out = _published(root)
        found = Grouped(clips, left_out.notes)
    else:
        lists = ", ".join(file for _, file in _LISTS)
        found = table_or_refuse(root, name, f"{lists} and WORD/SPEAKER_nohash_N.wav", _GROUPS)
    return Task(name, found.clips, clip_seconds=1.0, notes=found.notes)


def _published(root: Path) -> tuple[tuple[Clip, ...], LeftOut]:
    """Give each file the split of the list it is in; files in none are for training."""
    splits: dict[str, Split] = {}
    for split, file in _LISTS:
        listed = [plain_name(name) for name in read_lines(root / file) if name]
        for name in listed:
            if splits.setdefault(name, split) != split:
                raise TrainerError(f"{root / file} lists {name}, which is in the {splits[name]} list too")
        require_files([Clip(root / name, "", split=split) for name in listed], root / file)
    words = [word for word in subfolders(root) if word.name != _NOISE]
    found = {plain_name(word.name): audio_files(word, deep=False) for word in words}
    clips = tuple(
        Clip(
            path,
            word,
            split=splits.get(f"{word}/{plain_name(path.name)}", "train"),
            group=plain_name(path.name).partition("_nohash_")[0],
        )
        for word, sounds in found.items()
        for path in sounds.files
    )
    return clips, sum((sounds.left_out for sounds in found.values()), LeftOut())
