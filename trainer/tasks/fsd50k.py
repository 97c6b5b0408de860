"""FSD50K (Fonseca et al., IEEE/ACM TASLP 2022)."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from trainer.errors import TrainerError
from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Split, Task
from trainer.tasks.metadata import read_table, require_files, several_labels, table_or_refuse

_TRUTH = Path("FSD50K.ground_truth")
_SECONDS = 7.6  # the mean: 108.3 hours in 51 197 clips of 0.3 to 30 s
_SPLITS: dict[str, Split] = {"train": "train", "val": "valid"}


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

        In metadata.csv commas stand between labels, as EVAR writes it.
        """
        if all((root / _TRUTH / f"{part}.csv").is_file() for part in ("dev", "eval")):
            clips = (*_read(root, "dev", ("split",)), *_read(root, "eval", ()))
        else:
            expected = f"{_TRUTH}/dev.csv and eval.csv with FSD50K.dev_audio/ and FSD50K.eval_audio/"
            clips = table_or_refuse(root, self.name, expected, separator=",")
        return Task(self.name, clips, clip_seconds=_SECONDS)


def _read(root: Path, part: str, more: tuple[str, ...]) -> tuple[Clip, ...]:
    table = root / _TRUTH / f"{part}.csv"
    clips = []
    for line, row in read_table(table, ("fname", "labels", *more)):
        if "split" in more and row["split"] not in _SPLITS:
            raise TrainerError(f"{table} line {line}: split = {row['split']!r} must be train or val")
        split: Split = _SPLITS[row["split"]] if "split" in more else "test"
        file = root / f"FSD50K.{part}_audio" / f"{row['fname']}.wav"
        clips.append(Clip(file, several_labels(row["labels"], ","), split=split))
    return require_files(clips, table)
