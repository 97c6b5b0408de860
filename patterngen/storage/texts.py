"""Text that people write: in UTF-8, with or without the mark that some editors put first, or in UTF-16."""

import codecs
import json
from typing import Any

from patterngen.storage.places import Place, place

MAX_BYTES = 1 << 26
"""Most bytes of a list or table that people write; the largest task's, a row for each clip, has a tenth."""


def read_text(file: Place | str, limit: int = MAX_BYTES) -> str:
    """Read a text file; line ends stay as they are.

    Args:
        file: a path, or the place of a path or URL.
        limit: its most bytes.

    Raises:
        OSError: it cannot be read.
        ValueError: it is larger, or `decoded` refuses it.
        PatternGenError: as `place`, or it cannot be reached.
    """
    with (place(file) if isinstance(file, str) else file).open("rb") as opened:
        data = opened.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"it is larger than {limit / (1 << 20):.3g} MiB")
    return decoded(data)


def parse_json(text: str | bytes, *, strict: bool = True) -> Any:
    """Read JSON that somebody else may have written.

    Args:
        text: one document.
        strict: refuse line breaks and the like inside of texts.

    Raises:
        ValueError: it is not JSON, or lists or objects lie too deep in one another.
    """
    try:
        return json.loads(text, strict=strict)
    except RecursionError:
        raise ValueError("lists or objects lie too deep in one another") from None


def decoded(data: bytes) -> str:
    """Return the text that bytes are, without a byte order mark.

    They are UTF-8, which may begin with a mark, or UTF-16, which must.

    Raises:
        ValueError: they are no text, or in another encoding; names the byte and its line.
    """
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "UTF-16" if marked else "UTF-8"
    try:
        text = data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"byte 0x{data[error.start]:02x} in line {line} is not {encoding}: save it as UTF-8"
        ) from None
    if "\0" in text[:2]:
        raise ValueError("it is not text, or in UTF-16 without its mark, or in UTF-32: save it as UTF-8")
    return text
