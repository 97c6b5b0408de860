"""The pages of Ogg streams (RFC 3533, section 6): they tell whether a file is there from end to end."""

import io
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

_LONGEST = 1 << 16  # bytes; a page is shorter
_FIRST, _LAST = 2, 4  # bits of a page's type


class _Page(NamedTuple):
    kind: int
    stream: bytes


def ogg_fault(path: Path) -> str | None:
    """Say why less would be decoded of an Ogg file than was recorded; None if it is another file, or sound.

    libsndfile reads what there is of the first stream, and calls that its length.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_LONGEST)
        if head[:4] != b"OggS":
            return None
        file.seek(max(0, file.seek(0, io.SEEK_END) - 2 * _LONGEST))
        tail = file.read()
    # Streams side by side begin together, before the rest of any.
    begun = {page.stream for page in takewhile(lambda page: page.kind & _FIRST, _pages(head))}
    ended = [page.stream for page in _pages(tail) if page.kind & _LAST]
    if not ended:
        return "breaks off: the page that ends an Ogg stream is missing"
    if ended[-1] not in begun:
        return "holds several Ogg streams one after the other, of which the first alone can be read"
    return None


def _pages(data: bytes) -> Iterator[_Page]:
    """Find the pages that are whole."""
    place = data.find(b"OggS")
    while place >= 0:
        header = data[place : place + 27]
        segments = data[place + 27 : place + 27 + header[-1]]
        end = place + len(header) + len(segments) + sum(segments)
        whole = len(header) == 27 and len(segments) == header[26] and end <= len(data)
        if whole and header[4] == 0 and header[5] < 8:
            yield _Page(header[5], header[14:18])
            place = data.find(b"OggS", end)
        else:
            place = data.find(b"OggS", place + 4)
