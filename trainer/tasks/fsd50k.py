"""FSD50K (Fonseca et al., IEEE/ACM TASLP 2022)."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from patterngen.storage.texts import parse_json
from trainer.errors import TrainerError
from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Split, Task
from trainer.tasks.groups import Grouped, Grouping, none_known
from trainer.tasks.metadata import read_table, require_files, several_labels, table_or_refuse

_TRUTH = Path("FSD50K.ground_truth")
_METADATA = Path("FSD50K.metadata")
_SECONDS = 7.6  # the mean: 108.3 hours in 51 197 clips of 0.3 to 30 s
_SPLITS: dict[str, Split] = {"train": "train", "val": "valid"}
_GROUPS = Grouping(what="uploaders", columns=("uploader",))


@register
@dataclass(frozen=True, kw_only=True)
class Fsd50K:
    """Sounds of Freesound, several labels a clip."""

    name: ClassVar[str] = "fsd50k"
    licence: ClassVar[str] = "CC BY 4.0; clips CC0, CC BY, CC BY-NC, CC Sampling+"
    source: ClassVar[str] = "https://zenodo.org/records/4060432"
    published: ClassVar[Published] = Published(
        clips=36_796 + 4_170 + 10_231,
        classes=200,
        seconds=_SECONDS,
        parts="official, by uploader",
        multi_label=True,
    )

    def load(self, root: Path) -> Task:
        """Read ``FSD50K.ground_truth/`` and the two folders of clips, or a folder with metadata.csv.

        Uploaders are those of ``FSD50K.metadata/``, if it is there.

        In metadata.csv commas stand between labels, as EVAR writes it.
        """
        if all((root / _TRUTH / f"{part}.csv").is_file() for part in ("dev", "eval")):
            clips = (*_read(root, "dev", ("split",)), *_read(root, "eval", ()))
            found = Grouped(clips, () if any(clip.group for clip in clips) else (none_known(),))
        else:
            expected = f"{_TRUTH}/dev.csv and eval.csv with FSD50K.dev_audio/ and FSD50K.eval_audio/"
            found = table_or_refuse(root, self.name, expected, _GROUPS, separator=",")
        return Task(self.name, found.clips, clip_seconds=_SECONDS, notes=found.notes)


def _read(root: Path, part: str, more: tuple[str, ...]) -> tuple[Clip, ...]:
    table = root / _TRUTH / f"{part}.csv"
    uploaders = _uploaders(root / _METADATA / f"{part}_clips_info_FSD50K.json")
    clips = []
    for line, row in read_table(table, ("fname", "labels", *more)):
        if "split" in more and row["split"] not in _SPLITS:
            raise TrainerError(f"{table} line {line}: split = {row['split']!r} must be train or val")
        split: Split = _SPLITS[row["split"]] if "split" in more else "test"
        file = root / f"FSD50K.{part}_audio" / f"{row['fname']}.wav"
        labels = several_labels(row["labels"], ",")
        clips.append(Clip(file, labels, split=split, group=uploaders.get(row["fname"])))
    return require_files(clips, table)


def _uploaders(table: Path) -> dict[str, str]:
    """Read who uploaded each clip to Freesound, where the metadata are there."""
    if not table.is_file():
        return {}
    try:
        return {name: str(clip["uploader"]) for name, clip in parse_json(table.read_bytes()).items()}
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        raise TrainerError(f"{table}: cannot be read as FSD50K's metadata of clips ({error})") from None
