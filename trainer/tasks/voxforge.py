"""VoxForge, which language is spoken (MacLean, voxforge.org)."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from patterngen.common.spelling import trimmed
from patterngen.storage.names import plain_name
from patterngen.storage.walk import LeftOut, subfolders
from trainer.sound.audio_files import audio_files
from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Split, Task
from trainer.tasks.groups import Grouped, Grouping
from trainer.tasks.metadata import listed_file, parse_split, read_table, require_files, table_or_refuse
from trainer.tasks.splits import own_splits

_LIST = "voxforge.csv"
_LANGUAGES = {"de": "de", "en": "en", "SpeechCorpus": "en", "es": "es", "fr": "fr", "it": "it", "ru": "ru"}
"""The languages by the folder of VoxForge's server that holds them."""
_ANONYMOUS = "anonymous"
_GROUPS = Grouping(
    what="uploaders", file=re.compile(r"(?:^|/)(?P<group>anonymous-[^-/]+|[^-/]+)-[^/]*/(?:wav|flac)/[^/]+$")
)


@register
@dataclass(frozen=True, kw_only=True)
class VoxForge:
    """Sentences read aloud: which language."""

    name: ClassVar[str] = "voxforge"
    licence: ClassVar[str] = "GPL 3"
    source: ClassVar[str] = (
        "http://www.repository.voxforge1.org/downloads/ (EVAR's voxforge.csv for its split)"
    )
    published: ClassVar[Published] = Published(
        clips=176_428, classes=6, seconds=5.8, parts="by uploader 70/15/15, our own; or EVAR's list"
    )

    def load(self, root: Path) -> Task:
        """Read ``LANGUAGE/…/UPLOADER-DATE-ID/wav/``, or what voxforge.csv or metadata.csv lists.

        VoxForge publishes no split. EVAR's voxforge.csv (file_name, label, split), put into the folder, is
        followed; it splits uploads, so that test voices may have been seen. Without it each language's
        uploaders are split 70/15/15 by `own_splits`.
        """
        if (root / _LIST).is_file():
            found = Grouped(_listed(root))
        elif any((root / folder).is_dir() for folder in _LANGUAGES):
            clips, left_out = _published(root)
            own = f"the split of uploaders is our own; {_LIST} of EVAR gives the one of published scores"
            found = Grouped(clips, (own, *left_out.notes))
        else:
            expected = (
                f"LANGUAGE/…/UPLOADER-DATE-ID/wav/ with LANGUAGE among {', '.join(_LANGUAGES)}, {_LIST}"
            )
            found = table_or_refuse(root, self.name, expected, _GROUPS)
        return Task(self.name, found.clips, clip_seconds=5.8, notes=found.notes)


def uploader(prompts: str) -> str:
    """Return who uploaded a folder of prompts named ``UPLOADER-DATE-ID``.

    Nobody knows how many people are anonymous; those of one day count as one.
    """
    name, _, rest = prompts.partition("-")
    return f"{name}-{rest.partition('-')[0]}" if name == _ANONYMOUS else name


def _listed(root: Path) -> tuple[Clip, ...]:
    table = root / _LIST
    clips = [
        Clip(
            listed_file(root, row["file_name"]),
            row["label"],
            split=parse_split(row["split"], f"{table} line {line}"),
            group=uploader(trimmed(row["file_name"]).partition("/")[0]),
        )
        for line, row in read_table(table, ("file_name", "label", "split"), as_written="file_name")
    ]
    return require_files(clips, table)


def _published(root: Path) -> tuple[tuple[Clip, ...], LeftOut]:
    found: dict[str, list[tuple[Path, str]]] = {}
    left_out = LeftOut()
    for folder in subfolders(root):
        if folder.name in _LANGUAGES:
            sounds = audio_files(folder)
            left_out += sounds.left_out
            found.setdefault(_LANGUAGES[folder.name], []).extend(
                (path, uploader(plain_name(path.parent.parent.name)))
                for kind in ("wav", "flac")
                for path in sounds.files
                if path.parent.name == kind
            )
    splits: dict[str, Split] = {}
    for paths in found.values():
        # Who speaks two languages keeps the split of the first.
        splits = own_splits((name for _, name in paths), train=0.7, valid=0.15) | splits
    clips = tuple(
        Clip(path, language, split=splits[name], group=name)
        for language, paths in found.items()
        for path, name in paths
    )
    return clips, left_out
