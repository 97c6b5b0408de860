"""GTZAN, genres of music (Tzanetakis, Cook, IEEE TSAP 2002), fault-filtered.

The thousand excerpts hold repetitions, distortions and many excerpts of few artists (Sturm, "The state of
the art ten years after a state of the art", 2014). The partition of Kereliuk, Sturm and Larsen ("Deep
learning and music adversaries", IEEE TMM 2015) leaves 70 faulty ones out and lets no artist be in two parts;
it is the one by which the field reports. They number the excerpts from 1, genre after genre in alphabetical
order; `_PARTITION` says the same by genre, in the numbers of the file names: 443 to train, 197 to validate,
290 to test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from trainer.tasks import register
from trainer.tasks.contract import Clip, Published, Split, Task
from trainer.tasks.groups import Grouped, none_known
from trainer.tasks.metadata import require_files, table_or_refuse

_PARTITION: dict[str, dict[Split, str]] = {
    "blues": {"train": "29-49 73-97", "valid": "0-11 50-60", "test": "12-28 61-72 98-99"},
    "classical": {"train": "30-33 43-48 50-67 80-99", "valid": "0-10 68-76", "test": "11-29 34-41 49 77-79"},
    "country": {
        "train": "19-26 28-29 65-99",
        "valid": "0-7 9-18 27 41-42 45 49",
        "test": "30-40 43-44 46-48 50-51 53-64",
    },
    "disco": {
        "train": "5 15-20 22-37 39-45 47 49 53-54 56-57 59 61 70 73-74 89",
        "valid": "0 2-4 6-14 46 48 52 67-68 72 75 90 95",
        "test": "1 21 58 62-66 69 76-88 91-94 96-97 99",
    },
    "hiphop": {
        "train": "2-25 28-29 31-38 41-42 55-61 77-80",
        "valid": "81-98",
        "test": "0 26-27 30 40 43-45 51-54 62-75 99",
    },
    "jazz": {"train": "0-1 11-24 41 47-72", "valid": "2-10 25-32", "test": "73-99"},
    "metal": {
        "train": "2-3 5 21 24 35 46-57 59-66 69 71-72 79-80 84 86 89-99",
        "valid": "0-1 6-11 16-20 36-37 68 76-77 81-82",
        "test": "12-15 22-23 25-33 38-39 67 70 73-75 78 83 85 87-88",
    },
    "pop": {
        "train": "2-9 11-12 16-20 23-29 31-36 38-42 44 46 49-50 80 97-99",
        "valid": "10 53 55 58-62 81 83-86",
        "test": "0-1 13-14 43 63-66 69-79 82 88-96",
    },
    "reggae": {
        "train": "0-2 4 6 9 11-12 14-32 42-45 49-51 54-60 63 69",
        "valid": "61-62 70 72 74 76-78 85 92-99",
        "test": "34-40 46-48 52-53 64-68 71 79 82-84 87-90",
    },
    "rock": {"train": "0-9 16-26 57-70 91-99", "valid": "38 49-56 71-85", "test": "10-15 27-37 39-48 86-90"},
}


@register
@dataclass(frozen=True, kw_only=True)
class Gtzan:
    """Excerpts of music: which genre."""

    name: ClassVar[str] = "gtzan"
    licence: ClassVar[str] = "none stated; for research"
    source: ClassVar[str] = "genres.tar.gz of http://marsyas.info/downloads/datasets.html"
    published: ClassVar[Published] = Published(
        clips=930, classes=10, seconds=30.0, parts="fault-filtered 443/197/290, by artist"
    )

    def load(self, root: Path) -> Task:
        """Read ``genres/GENRE/GENRE.00000.wav`` (or .au), or a folder with metadata.csv."""
        folders = (root / "genres", root / "genres_original", root)
        genres = next((folder for folder in folders if (folder / "blues").is_dir()), None)
        if genres is None:
            found = table_or_refuse(root, self.name, "genres/GENRE/GENRE.00000.wav or .au")
        else:
            clips = require_files(list(_published(genres)), "the fault-filtered split of GTZAN")
            found = Grouped(clips, (none_known(),))
        return Task(self.name, found.clips, clip_seconds=30.0, notes=found.notes)


def partition() -> Iterator[tuple[str, int, Split]]:
    """Yield genre, number and split of each excerpt that takes part."""
    for genre, parts in _PARTITION.items():
        for split, ranges in parts.items():
            for piece in ranges.split():
                first, _, last = piece.partition("-")
                for number in range(int(first), int(last or first) + 1):
                    yield genre, number, split


def _published(genres: Path) -> Iterator[Clip]:
    for genre, number, split in partition():
        wav = genres / genre / f"{genre}.{number:05d}.wav"
        published = wav.with_suffix(".au")
        yield Clip(published if published.is_file() else wav, genre, split=split)
