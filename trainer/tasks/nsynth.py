"""NSynth (Engel et al., ICML 2017)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, get_args

from patterngen.storage.texts import parse_json
from trainer.errors import TrainerError
from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Split, Task
from trainer.tasks.groups import Grouped, Grouping
from trainer.tasks.metadata import require_files, table_or_refuse

_TABLE = "examples.json"
_GROUPS = Grouping(
    what="instruments",
    columns=("instrument_str",),
    file=re.compile(r"(?:^|/)(?P<group>[a-z_]+_\d+)-\d+-\d+\."),
)


@register
@dataclass(frozen=True, kw_only=True)
class NSynth:
    """Notes of 1 006 instruments: which family.

    Args:
        label: what is asked for: ``instrument_family_str``, ``instrument_source_str``, ``pitch`` or another
            entry of examples.json.
    """

    name: ClassVar[str] = "nsynth"
    licence: ClassVar[str] = "CC BY 4.0"
    source: ClassVar[str] = "https://magenta.tensorflow.org/datasets/nsynth (json/wav)"
    published: ClassVar[Published] = Published(
        clips=305_979, classes=11, seconds=4.0, parts="official, by instrument"
    )

    label: str = "instrument_family_str"

    def load(self, root: Path) -> Task:
        """Read ``nsynth-train/``, ``nsynth-valid/`` and ``nsynth-test/``, or a folder with metadata.csv."""
        tables = {split: root / f"nsynth-{split}" / _TABLE for split in get_args(Split)}
        if all(table.is_file() for table in tables.values()):
            clips = (clip for split, table in tables.items() for clip in self._clips(table, split))
            found = Grouped(tuple(clips))
        else:
            expected = f"nsynth-train/{_TABLE} and audio/, and the same in nsynth-valid/ and nsynth-test/"
            found = table_or_refuse(root, self.name, expected, _GROUPS)
        return Task(self.name, found.clips, clip_seconds=4.0, notes=found.notes)

    def _clips(self, table: Path, split: Split) -> Iterator[Clip]:
        try:
            notes = parse_json(table.read_bytes())
            clips = [
                Clip(
                    table.parent / "audio" / f"{name}.wav",
                    str(note[self.label]),
                    split=split,
                    group=note["instrument_str"],
                )
                for name, note in notes.items()
            ]
        except (ValueError, AttributeError, TypeError) as error:
            raise TrainerError(f"{table}: cannot be read as NSynth's table of notes ({error})") from None
        except KeyError as error:
            raise TrainerError(f"{table}: a note has no entry {error}; NSynth's have one") from None
        yield from require_files(clips, table)
