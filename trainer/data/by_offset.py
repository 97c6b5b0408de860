"""Pictures of a dataset folder in one random order over all its shards, each read where it lies."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patterngen import DatasetFolder, PatternGenError, ShardSelection
from patterngen.dataset.folder import Shard
from patterngen.dataset.reader import read_picture
from patterngen.encode import decode
from patterngen.storage.places import open_for_ranges
from trainer.data.contract import Reader, Sample
from trainer.data.pixel_cache import PixelFile, Pixels, Shapes, file_name, file_size
from trainer.data.rolls import stored_roll
from trainer.data.shards import Shards
from trainer.errors import TrainerError

_OPEN = 64  # tars at a time
_COLUMNS = ("key", "class_id", "width", "height", "offset", "size")
_ROLL_COLUMNS = ("family", "seed")


@dataclass(frozen=True, kw_only=True)
class ShardsByOffset(Shards):
    """The same pictures as `Shards`, each pass in a random order of all of them.

    A manifest says where in its tar each picture lies, so one is one seek and one read. Reader i of n takes
    every n-th picture of a pass, from its i-th on.

    Attributes:
        folder: the dataset folder.
        channels: number of channels of decoded pictures that are kept.
        cache: folder of decoded pictures, or None.
        cached: names of the files that may be in it.
    """

    folder: str
    channels: int = 3
    cache: Path | None = None
    cached: frozenset[str] = frozenset()

    def check(self, ranks: int, workers: int) -> None:
        """Raise TrainerError unless there is a picture for every reader."""
        if self.count < ranks * workers:
            raise TrainerError(
                f"{self.folder}: {self.count} pictures cannot feed {ranks} ranks × {workers} workers: "
                "use fewer workers"
            )

    def samples(self, reader: Reader, passed: int) -> Iterator[Sample]:
        """Yield the samples of a reader for ever, after the first `passed` of them."""
        parts = [_Part(shard, chosen, self) for shard, chosen in zip(self._whole(), self.shards, strict=True)]
        ends = np.cumsum([len(part.rows) for part in parts])
        opened = lru_cache(_OPEN)(lambda number: parts[number].open())
        first, passed = divmod(passed, len(range(reader.index, ends[-1], reader.count)))
        for epoch in count(first):
            order = np.random.default_rng((self.seed, epoch)).permutation(ends[-1])
            mine = order[reader.index :: reader.count][passed:]
            for place, number in zip(mine, np.searchsorted(ends, mine, side="right"), strict=True):
                part = parts[number]
                yield part.sample(part.rows[place - ends[number]], epoch, lambda n=number: opened(n))
            passed = 0

    def _whole(self) -> list[Shard]:
        shards = DatasetFolder.open(self.folder, check_sizes=False).shards
        by_path = {str(shard.path): shard for shard in shards}
        return [by_path[chosen.path] for chosen in self.shards]

    def wanted(self) -> dict[str, int]:
        """Return names and sizes of the files that all its pictures would lie in, decoded."""
        found = {}
        for shard in self._whole():
            shapes = _shapes(shard.manifest(["width", "height"]))
            found[file_name(shard.stats.sha256, self.channels)] = file_size(shapes, self.channels)
        return found


def by_offset(source: Shards, folder: str, channels: int) -> ShardsByOffset:
    """Return the pictures of a source, which lie in a folder, in one random order over all of them."""
    own = {field.name: getattr(source, field.name) for field in fields(Shards)}
    return ShardsByOffset(**own, folder=folder, channels=channels)


def _shapes(rows: pa.Table) -> Shapes:
    return np.stack([rows["height"].to_numpy(), rows["width"].to_numpy()], axis=1)


class _Part:
    """The pictures of one shard, as one process reads them."""

    def __init__(self, shard: Shard, chosen: ShardSelection, source: ShardsByOffset) -> None:
        self._shard, self._rolls, self._gray = shard, source.rolls, source.channels == 1
        rows = shard.manifest([*_COLUMNS, *(_ROLL_COLUMNS if source.rolls else ())])
        self._table, self._keys = rows, rows["key"].combine_chunks()
        self._offsets, self._sizes = rows["offset"].to_numpy(), rows["size"].to_numpy()
        self._classes = rows["class_id"].to_numpy()
        self.rows = np.arange(len(rows))
        if chosen.listed is not None:
            self.rows = np.flatnonzero(pc.is_in(rows["key"], value_set=chosen.listed).to_numpy())
        name = file_name(shard.stats.sha256, source.channels)
        self._decoded: PixelFile | None = None
        if source.cache is not None and name in source.cached:
            self._decoded = PixelFile(source.cache / name, _shapes(rows), source.channels)

    def open(self) -> BinaryIO:
        """Open the tar."""
        return open_for_ranges(self._shard.path, self._shard.stats.bytes)

    def sample(self, row: int, epoch: int, tar: Callable[[], BinaryIO]) -> Sample:
        """Return a picture by its row, decoded if decoded ones are kept; one that is lost says why."""
        key = self._keys[row].as_py()
        kept = None if self._decoded is None else self._decoded.load(row)
        roll = stored_roll(self._table.slice(row, 1).to_pylist()[0]) if self._rolls else None
        return Sample(
            place=str(self._shard.path),
            key=key,
            epoch=epoch,
            content=self._read(key, row, tar) if kept is None else kept,
            class_id=int(self._classes[row]),
            roll=roll,
        )

    def _read(self, key: str, row: int, tar: Callable[[], BinaryIO]) -> bytes | Pixels | PatternGenError:
        where = {"key": key, "offset": int(self._offsets[row]), "size": int(self._sizes[row])}
        try:
            _, data = read_picture(tar(), self._shard.path, where)
        except PatternGenError as error:
            return error
        except OSError as error:
            why = error.strerror or type(error).__name__
            return TrainerError(f"{self._shard.path}: {why}: `patterngen verify` says more")
        if self._decoded is None:
            return data
        try:
            pixels = decode(data, gray=self._gray)
        except PatternGenError as error:
            return TrainerError(f"{self._shard.path}: picture {key}: {error}")
        self._decoded.save(row, pixels)
        return pixels
