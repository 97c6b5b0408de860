"""Tar archives, member by member: written fast, read without trust.

Source: IEEE Std 1003.1 (POSIX), pax, "ustar Interchange Format".
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from patterngen.errors import PatternGenError
from patterngen.limits import MAX_PICTURE_BYTES
from patterngen.storage.places import Place

BLOCK = tarfile.BLOCKSIZE
"""Bytes of a header; members begin at multiples of it."""

_MAX_BYTES = {"json": 1 << 20, "cls": 64}

_NAME, _MODE, _SIZE, _CHECKSUM = slice(0, 100), slice(100, 108), slice(124, 136), slice(148, 156)


def _template() -> bytes:
    header = bytearray(tarfile.TarInfo().tobuf(tarfile.USTAR_FORMAT))
    header[_NAME], header[_MODE], header[_SIZE] = bytes(100), b"0000444\0", bytes(12)
    header[_CHECKSUM] = b" " * 8  # it counts its own field as blanks
    return bytes(header)


_HEADER = _template()
_HEADER_SUM = sum(_HEADER)
_NO_NAME, _BEFORE_SIZE = _HEADER[_NAME], _HEADER[_NAME.stop : _SIZE.start]
_BEFORE_CHECKSUM, _REST = _HEADER[_SIZE.stop : _CHECKSUM.start], _HEADER[_CHECKSUM.stop :]


def member(name: str, data: bytes) -> tuple[bytes, bytes, bytes]:
    """Make one member: header, data, padding. Its time is 0, its owner 0, its mode 0444.

    These are the bytes that `tarfile` writes, at a tenth of its time: only name, size and checksum differ
    from one header to the next. They come in parts so that the writer copies a picture only once.
    """
    field, size = name.encode("ascii"), b"%011o\0" % len(data)
    checksum = b"%06o\0 " % (_HEADER_SUM + sum(field) + sum(size))
    header = (field, _NO_NAME[len(field) :], _BEFORE_SIZE, size, _BEFORE_CHECKSUM, checksum, _REST)
    return b"".join(header), data, bytes(-len(data) % BLOCK)


def member_of(header: bytes) -> tuple[str, int]:
    """Read the name and the size of a member from its header; ("", 0) if it is none of a file."""
    try:
        info = tarfile.TarInfo.frombuf(header, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError):
        return "", 0
    return (info.name, info.size) if info.isreg() else ("", 0)


def end_of_archive(position: int) -> bytes:
    """Two empty blocks and the padding that fills the last record, for an archive of so many bytes."""
    return bytes(2 * BLOCK + -(position + 2 * BLOCK) % tarfile.RECORDSIZE)


@dataclass(frozen=True)
class Member:
    """One file inside a tar."""

    name: str
    offset: int
    """Where its data begin, in bytes from the beginning of the tar."""
    data: bytes


def read_members(path: Place) -> Iterator[Member]:
    """Read a tar's members in order, in memory: their names never reach the file system.

    Raises:
        PatternGenError: the tar is missing, truncated or damaged, or holds what no shard holds.
    """
    try:
        with path.open("rb") as opened, tarfile.open(fileobj=opened, mode="r:") as tar:
            while (info := tar.next()) is not None:
                extension = info.name.rpartition(".")[2]
                if not info.isreg() or info.size > _MAX_BYTES.get(extension, MAX_PICTURE_BYTES):
                    raise PatternGenError(
                        f"{path} holds {info.name[:100]!r}, {info.size} bytes: no shard does"
                    )
                file = tar.extractfile(info)
                yield Member(info.name, info.offset_data, file.read() if file is not None else b"")
                tar.members.clear()  # type: ignore[attr-defined]  # or `tarfile` would remember them all
    except FileNotFoundError:
        raise PatternGenError(f"{path} is missing") from None
    except (tarfile.TarError, EOFError, OSError) as error:
        raise PatternGenError(f"{path} is truncated or damaged ({error})") from None
