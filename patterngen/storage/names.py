"""Names of files: bytes to the system, text to everybody else, and accents in two forms."""

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path

from patterngen.escape import as_text


def plain_name(name: str) -> str:
    """Return the one way of writing a name that all its forms have in common: text in Unicode's form NFC."""
    return name if name.isascii() else unicodedata.normalize("NFC", as_text(name))


def find_named(paths: Iterable[Path]) -> Iterator[Path | None]:
    """Find the files that a list calls by these names; yield None for each that is not there.

    Accents are written in two ways, as one character (NFC) or as a letter and a mark (NFD), and a name that
    was written in one may come out of an archive in the other. Such a file is found, and so is one whose name
    is not UTF-8 and listed as `as_text` writes it. Of two names that differ in their form alone, and both not
    in the one that is listed, none is meant.
    """
    names: dict[Path, dict[str, list[Path]]] = {}

    def alike(folder: Path, name: str) -> Path:
        if (folder / name).exists():
            return folder / name
        if folder not in names:
            names[folder] = {}
            for path in folder.iterdir():
                names[folder].setdefault(plain_name(path.name), []).append(path)
        (only,) = names[folder].get(plain_name(name), [])
        return only

    for path in paths:
        try:
            parts = path.relative_to(path.anchor).parts
            found = path if path.exists() else reduce(alike, parts, Path(path.anchor))
            yield found if found.is_file() else None
        except (OSError, ValueError):  # no such folder, none or several such names; too long for any file
            yield None


@contextmanager
def path_in_text(path: Path) -> Iterator[Path]:
    """Give a file a name in UTF-8 as long as the context lasts, for libraries that take no other."""
    if as_text(str(path)) == str(path):
        yield path
    else:
        with path.open("rb") as file:
            yield Path(f"/dev/fd/{file.fileno()}")
