"""Random access: any picture of a dataset by its number, without reading the others.

The manifest knows where in its tar each picture lies, so that one picture is one seek and one read.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from types import MappingProxyType
from typing import Any, BinaryIO, overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from patterngen.dataset.folder import DatasetFolder, Shard
from patterngen.dataset.marker import REPAIR
from patterngen.dataset.npy import read_npy
from patterngen.dataset.shard import array_member
from patterngen.dataset.tar import BLOCK, member_of
from patterngen.encode import decode
from patterngen.errors import PatternGenError
from patterngen.limits import MAX_PICTURE_BYTES
from patterngen.notebook import MOST_PICTURES, heading, picture_sheet, shown_text, table
from patterngen.storage.places import Place, open_for_ranges

MAX_TAR = 1 << 43
"""Bytes of the largest tar that is read; beyond, file systems refuse even to look."""

_EXTENSIONS = ("jpg", "png", "webp")
_OPEN_SHARDS = 16


@dataclass(frozen=True)
class Picture:
    """One picture of a dataset.

    Attributes:
        data: encoded bytes of the picture.
        extension: file name's ending, by their format: ``jpg``, ``png`` or ``webp``.
        row: row of the manifest.
        npy: bytes of the arrays beside it, by name, where the dataset holds any.

    Examples:
        >>> from patterngen import DatasetSpec, RunOptions, render, open_dataset
        >>> spec = DatasetSpec(family=("dead-leaves-mixed",), count=6, size=16, arrays=("label_map",))
        >>> report = render(spec, RunOptions(out="leaves"))
        >>> picture = open_dataset("leaves")[3]
        >>> picture.extension, picture.row["key"], picture.pixels.shape
        ('jpg', '000000003', (16, 16, 3))
        >>> labels = picture.array("label_map")
        >>> labels.dtype.name, labels.shape
        ('uint16', (16, 16))
    """

    data: bytes
    extension: str
    row: Mapping[str, Any]
    npy: Mapping[str, bytes] = field(default_factory=dict)

    def array(self, name: str) -> NDArray[Any]:
        """Return an array that the dataset holds beside the picture: ``label_map``, ``piano_roll``.

        Raises:
            PatternGenError: it holds none of that name, or one that is damaged.
        """
        if name not in self.npy:
            has = ", ".join(self.npy) or "none"
            raise PatternGenError(
                f"picture {self.row['key']} has no array {name!r} beside it (it has: {has}); "
                "draw the dataset with --arrays"
            )
        return read_npy(self.npy[name], array_member(self.row["key"], name))

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The decoded picture, uint8 [H, W, 3]."""
        return decode(self.data)

    def _repr_html_(self) -> str:
        """Show the picture in a notebook, and its row of the manifest."""
        try:
            shown = picture_sheet([self.pixels], [(self.row["key"], self.row["family"])])
        except PatternGenError as error:
            shown = shown_text(error)
        return shown + table((), [*self.row.items()])


class Dataset:
    """A dataset folder as a sequence of pictures.

    May be sent to other processes, as the workers of a ``DataLoader`` do: each opens the tars anew.

    Args:
        url: the folder: a path or any fsspec URL, of which each picture is then one request for its bytes.

    Raises:
        PatternGenError: as `DatasetFolder.open`.

    Examples:
        >>> from patterngen import DatasetSpec, RunOptions, render, open_dataset
        >>> spec = DatasetSpec(family=("perlin",), count=6, size=16)
        >>> report = render(spec, RunOptions(out="clouds"))
        >>> dataset = open_dataset("clouds")
        >>> len(dataset), [picture.row["family"] for picture in dataset[-2:]]
        (6, ['perlin', 'perlin'])
    """

    def __init__(self, url: str) -> None:
        self.folder = DatasetFolder.open(url)
        self._ends = list(accumulate(shard.count for shard in self.folder.shards))
        self._reader = lru_cache(_OPEN_SHARDS)(lambda number: ShardReader(self.folder.shards[number]))

    def __len__(self) -> int:
        return self._ends[-1]

    @overload
    def __getitem__(self, index: int) -> Picture: ...
    @overload
    def __getitem__(self, index: slice) -> list[Picture]: ...
    def __getitem__(self, index: int | slice) -> Picture | list[Picture]:
        """Read a picture by its place in the dataset; negative numbers count from the end.

        Raises:
            IndexError: there are fewer pictures.
            PatternGenError: its tar or its manifest is missing or damaged.
        """
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"picture {index} of {self.folder.path}: there are {len(self)}")
        number = bisect_right(self._ends, place)
        start = self._ends[number - 1] if number else 0
        return self._reader(number)[place - start]

    def __iter__(self) -> Iterator[Picture]:
        return (self[i] for i in range(len(self)))

    def _repr_html_(self) -> str:
        """Show in a notebook what the folder holds, and some pictures, spread evenly."""
        places = range(0, len(self), -(-len(self) // MOST_PICTURES))
        try:
            pictures = [self[place] for place in places]
            sheet = picture_sheet(
                [picture.pixels for picture in pictures],
                [(picture.row["key"], picture.row["family"]) for picture in pictures],
            )
        except PatternGenError as error:
            sheet = heading(self.folder.path, error)
        return self.folder._repr_html_() + sheet

    def __getstate__(self) -> dict[str, str]:
        return {"url": str(self.folder.path)}

    def __setstate__(self, state: dict[str, str]) -> None:
        self.__init__(state["url"])  # type: ignore[misc]


def open_dataset(url: str) -> Dataset:
    """Open a dataset folder for random access: each picture is one seek and one read.

    Args:
        url: the folder: a path or any fsspec URL.

    Raises:
        PatternGenError: as `DatasetFolder.open`.

    Examples:
        >>> from patterngen import DatasetSpec, RunOptions, render, open_dataset
        >>> spec = DatasetSpec(family=("perlin",), count=6, size=16)
        >>> report = render(spec, RunOptions(out="clouds"))
        >>> open_dataset("clouds")[-1].row["key"]
        '000000005'
    """
    return Dataset(url)


class ShardReader:
    """The pictures of one shard by their row; keeps its tar open and its manifest in memory.

    Args:
        shard: the shard.
    """

    def __init__(self, shard: Shard) -> None:
        self._manifest: pa.Table = shard.manifest()
        self._path = shard.path
        self._arrays = shard.stats.arrays
        self._tar = open_for_ranges(shard.path, shard.stats.bytes)

    def __getitem__(self, row: int) -> Picture:
        values = {name: column[row].as_py() for name, column in self._columns}
        extension, data = read_picture(self._tar, self._path, values)
        npy = read_arrays(self._tar, self._path, values, self._arrays)
        return Picture(data, extension, MappingProxyType(values), MappingProxyType(npy))

    def __del__(self) -> None:
        if hasattr(self, "_tar"):
            self._tar.close()

    @property
    def _columns(self) -> Iterator[tuple[str, pa.ChunkedArray]]:
        return zip(self._manifest.column_names, self._manifest.columns, strict=True)


def read_picture(tar: BinaryIO, path: Place, row: Mapping[str, Any]) -> tuple[str, bytes]:
    """Read one picture by its byte range, after its member's header has confirmed whose it is.

    Args:
        tar: the opened tar.
        path: of the tar, for messages.
        row: ``key``, ``offset`` and ``size`` of the picture.

    Returns:
        Its extension and its bytes.

    Raises:
        PatternGenError: the tar does not hold what the row says.
    """
    offset, size = row["offset"], row["size"]
    if BLOCK <= offset <= MAX_TAR and 0 < size <= MAX_PICTURE_BYTES:
        tar.seek(offset - BLOCK)
        block = tar.read(BLOCK + size)
        key, _, extension = block[:100].rstrip(b"\0").decode("ascii", "replace").rpartition(".")
        if key == row["key"] and extension in _EXTENSIONS and len(block) == BLOCK + size:
            return extension, block[BLOCK:]
    raise PatternGenError(f"{path} does not hold picture {row['key']!r} where its manifest says; {REPAIR}")


def read_arrays(tar: BinaryIO, path: Place, row: Mapping[str, Any], names: Sequence[str]) -> dict[str, bytes]:
    """Read the arrays that stand after a picture, class id and description, as the bytes of ``.npy`` files.

    Args:
        tar: the opened tar.
        path: of the tar, for messages.
        row: ``key``, ``offset`` and ``size`` of the picture.
        names: of the arrays, in their order.

    Raises:
        PatternGenError: the tar does not hold them there.
    """
    found: dict[str, bytes] = {}
    beside = [f"{row['key']}.cls", f"{row['key']}.json", *(array_member(row["key"], name) for name in names)]
    position = row["offset"] + row["size"]
    for expected in beside if names else ():
        tar.seek(position + -position % BLOCK)
        name, size = member_of(tar.read(BLOCK))
        data = tar.read(size) if name == expected and size <= MAX_PICTURE_BYTES else b""
        if not data or len(data) != size:
            raise PatternGenError(f"{path} does not hold {expected} after its picture; {REPAIR}")
        found[expected] = data
        position = tar.tell()
    return {name: found[array_member(row["key"], name)] for name in names}
