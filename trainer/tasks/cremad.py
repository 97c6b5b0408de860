"""CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset (Cao et al., IEEE TAC 2014)."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from trainer.sound.audio_files import audio_files
from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Task
from trainer.tasks.groups import Grouping
from trainer.tasks.metadata import table_or_refuse
from trainer.tasks.splits import listed_splits, own_splits, split_of

_FOLDER = "AudioWAV"
_LIST = "cremad.csv"
_RECORDING = re.compile(r"(?P<actor>\d{4})_[A-Z]{3}_(?P<emotion>ANG|DIS|FEA|HAP|NEU|SAD)_\w+\.wav")
_GROUPS = Grouping(what="actors", file=re.compile(r"(?:^|/)(?P<group>\d{4})_[A-Z]{3}_[A-Z]{3}_"))


@register
@dataclass(frozen=True, kw_only=True)
class CremaD:
    """Sentences spoken by 91 actors: which emotion."""

    name: ClassVar[str] = "cremad"
    licence: ClassVar[str] = "ODbL 1.0"
    source: ClassVar[str] = (
        "https://github.com/CheyneyComputerScience/CREMA-D (EVAR's cremad.csv for its split)"
    )
    published: ClassVar[Published] = Published(
        clips=7442, classes=6, seconds=2.5, parts="by actor 63/9/19, EVAR's list or our own"
    )

    def load(self, root: Path) -> Task:
        """Read ``AudioWAV/ACTOR_SENTENCE_EMOTION_LEVEL.wav``, or a folder with metadata.csv.

        CREMA-D publishes no split. EVAR's cremad.csv (file_name, split), put into the folder, is followed;
        without it the actors are split 70/10/20 by `own_splits`.
        """
        if not (root / _FOLDER).is_dir():
            expected = f"{_FOLDER}/ACTOR_SENTENCE_EMOTION_LEVEL.wav"
            found = table_or_refuse(root, self.name, expected, _GROUPS)
            return Task(self.name, found.clips, clip_seconds=2.5, notes=found.notes)
        sounds = audio_files(root / _FOLDER, deep=False)
        names = [match for path in sounds.files if (match := _RECORDING.fullmatch(path.name))]
        table = root / _LIST
        if table.is_file():
            listed = listed_splits(table, "file_name")
            # The few clips that EVAR's copy lacks stay out, as in its scores.
            splits = {match.string: listed[match.string] for match in names if match.string in listed}
            notes = (f"{len(names) - len(splits)} clips are not in {_LIST}",)[: len(splits) < len(names)]
        else:
            actors = own_splits((match["actor"] for match in names), train=0.7, valid=0.1)
            splits = {match.string: split_of(actors, match["actor"], table) for match in names}
            notes = (f"the split of actors is our own; {_LIST} of EVAR gives the one of published scores",)
        clips = tuple(
            Clip(
                root / _FOLDER / match.string,
                match["emotion"],
                split=splits[match.string],
                group=match["actor"],
            )
            for match in names
            if match.string in splits
        )
        return Task(self.name, clips, clip_seconds=2.5, notes=(*notes, *sounds.left_out.notes))
