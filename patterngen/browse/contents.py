"""What the page says of a dataset and its pictures, as JSON-able values.

A manifest may come from a stranger. The page shows texts as texts, whatever they hold; here, what cannot be
seen or turns text around is written as its code, and no command is offered that could do something else.
"""

import base64
import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patterngen.dataset.format_version import EXACT
from patterngen.dataset.reader import Picture
from patterngen.dataset.shard import PACKED
from patterngen.encode import Encoding, encode, thumbnail
from patterngen.escape import visible
from patterngen.sizes import normal
from patterngen.storage.texts import parse_json

MAX_TEXT = 2_000
"""Characters that are shown of one text."""
MAX_PARAMS = 1 << 16
"""Characters of the longest params that are read as JSON."""

_THUMBNAIL = Encoding(format="webp", quality=80)
_SIDE = 192  # pixels, the longest of a picture on the page


def page_text(text: str) -> str:
    """Write a text as one line that can be seen, of a length that can be read."""
    return visible(text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…")


def facet(
    name: str, title: str, values: Sequence[Any], hints: Sequence[str] | None = None
) -> tuple[dict[str, Any], list[int]]:
    """Number the different values of a property, in their own order.

    Args:
        name: the property's, as in the manifest.
        title: what the page calls it.
        values: of each picture.
        hints: of each picture, what else to say of its value, if anything.

    Returns:
        The facet as the page knows it, and for each picture the number of its value. `literals` are the
        values as `patterngen filter --where` writes them, null where no command can name one safely.
    """
    different = sorted(set(values))
    hint = dict(zip(values, hints or (), strict=False))
    numbers = {value: i for i, value in enumerate(different)}
    shown = {
        "name": name,
        "title": title,
        "values": [page_text(str(value)) for value in different],
        "hints": [page_text(hint.get(value, "")) for value in different],
        # Python reads JSON's texts as well, and double quotes need no care within a shell's single ones.
        "literals": [
            json.dumps(value, ensure_ascii=False) if is_plain(str(value)) else None for value in different
        ],
    }
    return shown, [numbers[value] for value in values]


def page_entry(picture: Picture, quarantine: str | None) -> dict[str, Any]:
    """Say of one picture what the page shows, with a small copy of it.

    Args:
        picture: the picture.
        quarantine: path of the dataset's list of programs left out, if it has one.
    """
    row, pixels = picture.row, picture.pixels
    small = thumbnail(pixels, _SIDE)
    return {
        "key": page_text(row["key"]),
        "tv": row["tv"],
        "bytes": len(picture.data),
        "image": base64.b64encode(encode(small, _THUMBNAIL)).decode("ascii"),
        "copy": "" if small.shape == pixels.shape else f"A copy of {_size(small)}; drawn at {_size(pixels)}.",
        "fields": [[name, value_of(value)] for name, value in row.items() if name != "params"],
        "params": params_of(row["params"]),
        "command": show_command(row, quarantine),
    }


def _size(pixels: NDArray[np.uint8]) -> str:
    height, width = pixels.shape[:2]
    return f"{width} × {height} pixels"


def params_of(text: str) -> list[list[Any]]:
    """Return parameters as pairs of name and value; what is no flat JSON object is one text."""
    try:
        found = parse_json(text) if len(text) <= MAX_PARAMS else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return [["params", page_text(text)]]
    return [[page_text(name), value_of(value)] for name, value in found.items()]


def value_of(value: Any) -> float | str:
    """Return a number if a browser, whose numbers are float64, knows it, and what it is as text otherwise."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < EXACT:
        return value
    return page_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def show_command(row: Mapping[str, Any], quarantine: str | None) -> str | None:
    """Return the command that draws a picture again; None if none does, or it is not safe to paste."""
    if row.get("family_version") == PACKED:
        return None
    key = row["key"] if row["key"].isascii() and row["key"].isdigit() else "picture"
    words = ["patterngen", "show", row["family"], "--seed", str(row["seed"])]
    words += ["--size", str(normal((row["height"], row["width"]))), "--out", f"{key}.png"]
    if quarantine is not None:
        words += ["--quarantine", quarantine]
    # A terminal acts on control characters even between quotes, and a word with a dash is a flag.
    return shlex.join(words) if all(map(is_plain, words)) and not row["family"].startswith("-") else None


def is_plain(text: str) -> bool:
    """Tell whether a text can be pasted into a terminal and means there what it looks like."""
    return text.isprintable() and len(text) <= MAX_TEXT
