"""Decoded pictures in files that processes share: what one has decoded, others and later runs need not.

A file holds the pictures of one shard at one number of channels. It begins with a CRC-32 for each, 0 while
there is none, and is as long from the beginning as it will ever be; what is not yet written takes no disk.
"""

import fcntl
import os
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import PIL
import simplejpeg
from numpy.typing import NDArray

from patterngen.terminal import print_notice
from trainer import digests

_VERSION = 1
_SUM = 4  # bytes of a CRC-32
_ENDING = ".pixels"

Pixels = NDArray[np.uint8]
Shapes = NDArray[np.int64]
"""Height and width of each picture of a shard, int64 [N, 2]."""


def file_name(shard_sha256: str, channels: int) -> str:
    """Name a file after all that its pixels follow from: the bytes of the tar, and what decodes them."""
    codecs = simplejpeg.__version__, PIL.__version__
    return digests.of_values("pixels", _VERSION, shard_sha256, channels, *codecs) + _ENDING


def file_size(shapes: Shapes, channels: int) -> int:
    """Return the bytes of a file."""
    return int(len(shapes) * _SUM + shapes.prod(axis=1).sum() * channels)


def make_room(folder: Path, wanted: Mapping[str, int], limit: int) -> frozenset[str]:
    """Make the files that a run wants, as far as all that the folder holds stays within a limit.

    Files that nobody wanted for the longest time are removed for them. Who has one open may go on with it.

    Args:
        folder: made if absent.
        wanted: bytes of each file by name, the most wanted first.
        limit: bytes of all files together.

    Returns:
        Names of those that are there.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # processes of one run come at once
        there, room = [], limit
        for name, size in wanted.items():
            if size <= room:
                there.append(name)
                room -= size
        others = [path for path in folder.glob(f"*{_ENDING}") if path.name not in there]
        for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True):
            room -= path.stat().st_size
            if room < 0:
                path.unlink()
        for name in there:
            with (folder / name).open("ab") as file:
                file.truncate(wanted[name])  # which also mends what was cut short
            os.utime(folder / name)
    return frozenset(there)


class PixelFile:
    """The decoded pictures of one shard, as far as they are there. Belongs to one process.

    Args:
        path: of the file, which `make_room` has made; one that is no longer there holds nothing.
        shapes: of all pictures of the shard.
        channels: of each picture.
    """

    def __init__(self, path: Path, shapes: Shapes, channels: int) -> None:
        self._path, self._shapes, self._channels = path, shapes, channels
        ends = len(shapes) * _SUM + np.cumsum(shapes.prod(axis=1) * channels)
        self._starts = np.concatenate([[len(shapes) * _SUM], ends])
        self._checked = np.zeros(len(shapes), np.bool_)
        self._bytes: Pixels = np.zeros(0, np.uint8)
        self._descriptor = -1
        try:
            self._descriptor = os.open(path, os.O_RDWR)
            if os.fstat(self._descriptor).st_size == self._starts[-1]:
                self._bytes = np.memmap(path, np.uint8, "r")
        except OSError:
            pass  # removed for others since

    def load(self, row: int) -> Pixels | None:
        """Return a picture, uint8 [H, W, C], not to be written to; None if it is not there, or is damaged."""
        if not len(self._bytes):
            return None
        stored = self._bytes[self._starts[row] : self._starts[row + 1]]
        if not self._checked[row]:
            written = int.from_bytes(self._bytes[row * _SUM : (row + 1) * _SUM].tobytes(), "little")
            if written == 0 or written != _sum(stored):
                return None
            self._checked[row] = True
        height, width = self._shapes[row]
        return stored.reshape(self._channels, height, width).transpose(1, 2, 0)

    def save(self, row: int, pixels: Pixels) -> None:
        """Keep a picture, uint8 [H, W, C], unless it is not of the shape that its manifest says."""
        if not len(self._bytes) or pixels.shape != (*self._shapes[row], self._channels):
            return
        planes = np.ascontiguousarray(pixels.transpose(2, 0, 1))
        try:
            # Not through the map: a full disk would end the process.
            os.pwrite(self._descriptor, planes.data, int(self._starts[row]))
            os.pwrite(self._descriptor, _sum(planes).to_bytes(_SUM, "little"), row * _SUM)
        except OSError as error:
            self._bytes = np.zeros(0, np.uint8)
            print_notice(f"pixel cache: {self._path}: {error.strerror}; nothing more of this shard is kept")

    def __del__(self) -> None:
        if getattr(self, "_descriptor", -1) >= 0:
            os.close(self._descriptor)


def _sum(pixels: Pixels) -> int:
    return zlib.crc32(np.ascontiguousarray(pixels).data) or 1
