"""How long a sound file should be by its own header, read from a few bytes of it.

libsndfile takes what a file holds for what it should hold, so that half a file looks like a whole one.
"""

import io
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

_MOST_CHUNKS = 10_000  # a file may come from a stranger
_PLACEHOLDERS = (0x7F00_0000, 0x8000_0000, 0x1_0000_0000)
_NEAR = 1 << 16
"""Programs that write to a pipe do not know the length and write one near these, give or take a header."""
_SLACK = 128
"""Bytes by which headers may be wrong: some writers count the header itself, or a tag behind the sound."""
_TAG = 1 << 11
"""Bytes behind an MP3 stream that say nothing: some encoders do not count the frame that is the header."""


class Sizes(NamedTuple):
    """Bytes of sound: as many as the header promises, and as many as there are."""

    promised: int
    there: int

    @property
    def cut(self) -> bool:
        """Whether some are missing."""
        return self.promised - self.there > _SLACK


class _Chunk(NamedTuple):
    name: bytes
    start: int  # of its content
    size: int


def sizes(path: Path) -> Sizes | None:
    """Return how much sound a WAV, RF64, AIFF, AU or MP3 file holds and should hold.

    Returns:
        None for other files, and where the header does not say: MP3 without a Xing or Info header, and what
        was written to a pipe.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        length = file.seek(0, io.SEEK_END)
        start = _at(file, 0, 12)
        if start[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64") and start[8:] == b"WAVE":
            found = _wave_data(file, length)
        elif start[:4] == b"FORM" and start[8:] in (b"AIFF", b"AIFC"):
            found = next((chunk for chunk in _chunks(file, "big", length) if chunk.name == b"SSND"), None)
        elif start[:4] in (b".snd", b"dns."):
            begin, size = _numbers(start[4:], "big" if start[:4] == b".snd" else "little")
            found = _Chunk(b"", begin, size)
        else:
            found = _mpeg_stream(file, start)
        if found is None or _unknown(found.size):
            return None
        return Sizes(found.size, max(0, length - found.start))


def mpeg_goes_on(path: Path) -> bool:
    """Tell whether sound follows in an MP3 file where its header says that it ends, as in joined files.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        length = file.seek(0, io.SEEK_END)
        found = _mpeg_stream(file, _at(file, 0, 12))
        if found is None:
            return False
        first, end = _at(file, found.start, 2), found.start + found.size
        behind = _at(file, end, 3)
    return length - end > _TAG and (behind == b"ID3" or behind[:2] == first)


def readable(path: Path) -> AbstractContextManager[bytes | io.FileIO]:
    """Return what libsndfile reads a file from: its name, or the file with another length in its header.

    The latter if it is a WAV file whose writer never came back to fill in the length and left 0 there.
    libsndfile reads a length that is too long to the end of the file, and one of 0 not at all.

    Raises:
        OSError: it cannot be read.
    """
    name = os.fsencode(path)  # as bytes it need not be UTF-8
    with path.open("rb") as file:
        length = file.seek(0, io.SEEK_END)
        start = _at(file, 0, 12)
        if start[:4] != b"RIFF" or start[8:] != b"WAVE":
            return nullcontext(name)
        data = _wave_data(file, length)
        if data is None or data.size or data.start >= length or _ends(file, length, data.start):
            return nullcontext(name)
    return _Patched(path, data.start - 4, b"\xff\xff\xff\xff")


def _ends(file: BinaryIO, length: int, begin: int) -> bool:
    """Tell whether chunks that begin somewhere fill the rest of a file."""
    end = begin
    for chunk in _chunks(file, "little", length, begin):
        if not all(32 <= letter < 127 for letter in chunk.name):
            return False
        end = chunk.start + chunk.size
    return end in (length, length - 1)


class _Patched(io.FileIO):
    """A file of which a few bytes are read as others."""

    def __init__(self, path: Path, place: int, instead: bytes) -> None:
        super().__init__(path)
        self._place, self._instead = place, instead

    def readinto(self, buffer: Any) -> int:
        """Read as many bytes as there are and fit."""
        begin = self.tell()
        count = super().readinto(buffer) or 0
        view = memoryview(buffer).cast("B")
        for place, byte in enumerate(self._instead, start=self._place - begin):
            if 0 <= place < count:
                view[place] = byte
        return count


def _wave_data(file: BinaryIO, length: int) -> _Chunk | None:
    """Find the sound of a WAV file; in RF64 (EBU Tech 3306) a chunk before it holds its length in 64 bits."""
    order, long = "big" if _at(file, 0, 4) == b"RIFX" else "little", None
    for chunk in _chunks(file, order, length):
        if chunk.name == b"ds64":
            long = int.from_bytes(_at(file, chunk.start + 8, 8), "little")
        if chunk.name == b"data":
            return chunk if long is None or chunk.size != 0xFFFF_FFFF else chunk._replace(size=long)
    return None


def _chunks(file: BinaryIO, order: Any, length: int, begin: int = 12) -> Iterator[_Chunk]:
    """Walk through the chunks of an IFF file: a name of four letters, a length, an even number of bytes."""
    for _ in range(_MOST_CHUNKS):
        header = _at(file, begin, 8)
        if len(header) < 8:
            return
        chunk = _Chunk(header[:4], begin + 8, int.from_bytes(header[4:], order))
        yield chunk
        begin = chunk.start + chunk.size + chunk.size % 2
        if begin > length:
            return


def _mpeg_stream(file: BinaryIO, start: bytes) -> _Chunk | None:
    """Find how many bytes an MP3 file should hold, from the Xing or Info header in its first frame."""
    begin = 0
    if start[:3] == b"ID3":  # four times 7 bits: id3.org, ID3v2.4, section 3.1
        size = 0
        for byte in start[6:10]:
            size = size << 7 | byte & 127
        begin = 10 + size
    frame = _at(file, begin, 200)
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return None
    first = frame[4:]  # behind the side information, whose length depends on version and channels
    place = max(first.find(b"Xing", 0, 40), first.find(b"Info", 0, 40))
    if place < 0:
        return None
    flags, *values = _numbers(first[place + 4 :], "big", 3)
    frames, bytes_known = flags & 1, flags & 2
    return _Chunk(b"", begin, values[frames]) if bytes_known else None


def _unknown(size: int) -> bool:
    return size == 0 or any(abs(size - placeholder) < _NEAR for placeholder in _PLACEHOLDERS)


def _at(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(place)
    return file.read(count)


def _numbers(data: bytes, order: Any, count: int = 2) -> list[int]:
    return [int.from_bytes(data[4 * i : 4 * i + 4], order) for i in range(count)]
