"""The files below a folder: the one way in which both programs look through folders that others filled.

Linked folders are followed. What an operating system, a file server, an archiver or an editor puts between a
user's files is passed over, and so are files of other kinds; all of it is counted, so that it can be said.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from patterngen.errors import PatternGenError
from patterngen.escape import as_text
from patterngen.storage.names import plain_name

_SYSTEM = frozenset(
    {
        "$recycle.bin",  # Windows
        "desktop.ini",
        "recycler",
        "system volume information",
        "thumbs.db",
        "__macosx",  # the archiver of macOS
        "icon\r",
        "#recycle",  # Synology
        "#snapshot",
        "@eadir",
        "@tmp",
        "@recently-snapshot",  # QNAP
        "@recycle",
        "lost+found",  # ext4
        "__pycache__",
    }
)
"""Names that systems give to what is no file of the user's; those with a dot before them need no list."""
_ENDING = re.compile(r"\.\w{1,12}")
_NAMED = 5  # of many kinds, so many are named


@dataclass(kw_only=True)
class LeftOut:
    """What was passed over on the way through a folder, counted.

    Attributes:
        endings: files of other kinds, by their ending in lower case; empty for names without one.
        hidden: entries that are hidden or a system's own, by name; such folders are not looked into.
        circles: linked folders that lead back to one that they lie in.
        broken: links that lead nowhere, and whatever is neither a file nor a folder.
    """

    endings: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    circles: int = 0
    broken: int = 0

    def __add__(self, other: "LeftOut") -> "LeftOut":
        return LeftOut(
            endings=self.endings + other.endings,
            hidden=self.hidden + other.hidden,
            circles=self.circles + other.circles,
            broken=self.broken + other.broken,
        )

    def __str__(self) -> str:
        """Say it in a line; an empty one if nothing was left out.

        For example ``left out: 13 files of other kinds (.txt 10, .pdf 3), 2 hidden (.git 1, Thumbs.db 1)``.
        """
        parts = []
        if self.endings:
            parts.append(f"{_some(self.endings.total(), 'file')} of other kinds ({_kinds(self.endings)})")
        if self.hidden:
            parts.append(f"{self.hidden.total()} hidden ({_kinds(self.hidden)})")
        if self.circles:
            parts.append(f"{_some(self.circles, 'linked folder')} in a circle")
        if self.broken:
            parts.append(_some(self.broken, "broken link"))
        return f"left out: {', '.join(parts)}" if parts else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """The line that says it; none if nothing was left out."""
        return tuple(filter(None, [str(self)]))


@dataclass(frozen=True)
class FoundFiles:
    """The files of some kinds below a folder.

    Attributes:
        files: sorted by their paths, which begin with the folder's.
        left_out: what else lies there.
    """

    files: tuple[Path, ...]
    left_out: LeftOut


def find_files(folder: Path, endings: Collection[str], *, deep: bool = True) -> FoundFiles:
    """Find the files of a folder whose names have one of some endings, whatever the case of their letters.

    Args:
        folder: where to look; its own name may be a hidden one.
        endings: in lower case, with their dot.
        deep: look into its folders too, linked ones included.

    Raises:
        PatternGenError: there is no such folder, or it, or one in it, cannot be listed.
    """
    if not folder.is_dir():
        raise PatternGenError(f"{folder}: no such folder")
    found: list[Path] = []
    left_out = LeftOut()
    for path in _files(folder, left_out, deep=deep):
        ending = path.suffix.lower()
        if ending in endings:
            found.append(path)
        else:
            left_out.endings[ending if _ENDING.fullmatch(ending) else ""] += 1
    return FoundFiles(tuple(sorted(found, key=_order)), left_out)


def subfolders(folder: Path) -> tuple[Path, ...]:
    """Return the folders directly in a folder, linked ones too, sorted, without hidden ones.

    Raises:
        PatternGenError: the folder cannot be listed.
    """
    found = [Path(entry) for entry in _visible(folder, LeftOut()) if _is(entry.is_dir)]
    return tuple(sorted(found, key=_order))


def is_hidden(name: str) -> bool:
    """Tell whether a file or folder of this name is hidden, or a system's own."""
    return name.startswith(".") or name.lower() in _SYSTEM


def _files(folder: Path, left_out: LeftOut, *, deep: bool) -> Iterator[Path]:
    """Yield the visible files in a folder, or below it; what is passed over is counted."""
    whole = folder.resolve()
    waiting = [(folder, frozenset(map(_identity, (whole, *whole.parents))))]
    while waiting:
        inside, above = waiting.pop()
        for entry in _visible(inside, left_out):
            path = Path(entry)
            if _is(entry.is_file):
                yield path
            elif not _is(entry.is_dir):
                left_out.broken += 1
            elif deep:
                itself = _identity(path)
                if itself in above:
                    left_out.circles += 1
                else:
                    waiting.append((path, above | {itself}))


def _visible(folder: Path, left_out: LeftOut) -> Iterator["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
    except OSError as error:
        raise PatternGenError(
            f"{folder}: cannot be listed ({error.strerror}); make it readable, or move it away"
        ) from None
    for entry in found:
        if is_hidden(entry.name):
            left_out.hidden["._*" if entry.name.startswith("._") else entry.name] += 1
        else:
            yield entry


def _is(kind: Callable[[], bool]) -> bool:
    """Ask an entry what it is; a link to itself is nothing."""
    try:
        return kind()
    except OSError:
        return False


def _identity(folder: Path) -> tuple[int, int]:
    """Return device and inode, which a folder has under all its names."""
    found = folder.stat()
    return found.st_dev, found.st_ino


def _order(path: Path) -> tuple[list[str], Path]:
    """Sort by the parts of a path, in the same order wherever accents are written in another form."""
    return [plain_name(part) for part in path.parts], path


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _kinds(counts: Counter[str]) -> str:
    """Name the commonest, with how many of each."""
    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_NAMED]
    more = f" and {len(counts) - _NAMED} more" if len(counts) > _NAMED else ""
    return ", ".join(f"{as_text(name) or 'no ending'} {count}" for name, count in first) + more
