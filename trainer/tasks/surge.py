"""Pitch Audio Dataset, rendered by the synthesiser Surge (Turian, Shier, et al., 2021)."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from patterngen.storage.names import plain_name
from patterngen.storage.walk import LeftOut, subfolders
from trainer.sound.audio_files import audio_files
from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Task
from trainer.tasks.groups import Grouping
from trainer.tasks.metadata import table_or_refuse
from trainer.tasks.splits import listed_splits, own_splits, split_of

_LIST = "dataset_surge_tone_splits.csv"
_GROUPS = Grouping(what="tones", columns=("tone",), file=re.compile(r"(?:^|/)(?P<group>[^/]+)/\d+\.\w+$"))


@register
@dataclass(frozen=True, kw_only=True)
class Surge:
    """Notes of a synthesiser in 2 084 tones: which MIDI note."""

    name: ClassVar[str] = "surge"
    licence: ClassVar[str] = "as its Zenodo record says"
    source: ClassVar[str] = f"https://zenodo.org/records/4677097 (EVAR's {_LIST} for its split)"
    published: ClassVar[Published] = Published(
        clips=2084 * 88, classes=88, seconds=4.0, parts="by tone, EVAR's list or our own 80/10/10"
    )

    def load(self, root: Path) -> Task:
        """Read ``TONE/NOTE.ogg``, or a folder with metadata.csv.

        The dataset publishes no split. EVAR's list (tone, split; 1 692/195/197 tones), put into the folder,
        is followed; without it the tones are split 80/10/10 by `own_splits`.
        """
        sounds = {plain_name(tone.name): audio_files(tone, deep=False) for tone in subfolders(root)}
        found = [
            (path, tone) for tone, files in sounds.items() for path in files.files if path.stem.isdecimal()
        ]
        if not found:
            table = table_or_refuse(root, self.name, "TONE/NOTE.ogg", _GROUPS)
            return Task(self.name, table.clips, clip_seconds=4.0, notes=table.notes)
        splits_list = root / _LIST
        notes: tuple[str, ...] = ()
        if splits_list.is_file():
            splits = listed_splits(splits_list, "tone")
        else:
            splits = own_splits((tone for _, tone in found), train=0.8, valid=0.1)
            notes = (f"the split of tones is our own; {_LIST} of EVAR gives the one of published scores",)
        clips = tuple(
            Clip(path, path.stem, split=split_of(splits, tone, splits_list), group=tone)
            for path, tone in found
        )
        left_out = sum((files.left_out for files in sounds.values()), LeftOut())
        return Task(self.name, clips, clip_seconds=4.0, notes=(*notes, *left_out.notes))
