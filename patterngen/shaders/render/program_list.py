"""Lists about shader programs in a dataset's folder: a line of JSON each, added while it is drawn.

Several processes may add to one at once: each line stands in it once, and its news are told once.
"""

import contextlib
import fcntl
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TextIO, TypeVar

from patterngen.errors import PatternGenError
from patterngen.storage.texts import parse_json

_MAX_LENGTH = 16 << 20


class Entry(Protocol):
    """What one line says: a dataclass of texts."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> str:
        """What no two lines have in common."""


E = TypeVar("E", bound=Entry)


class ProgramList(Generic[E]):
    """A list about programs. A subclass says what its lines are.

    Args:
        path: the file that keeps it, which need not exist.
    """

    what: str
    """What a line is, and what becomes of it when it is deleted, to be read after ``not a``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._keys: tuple[str, ...] = ()
        self._stamp: tuple[int, int] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of its lines; another process may have added to them.

        Raises:
            PatternGenError: the file is damaged.
        """
        try:
            stat = self.path.stat()
            stamp = stat.st_mtime_ns, stat.st_size
            if stamp == self._stamp:
                return self._keys
            with self.path.open(encoding="utf-8", errors="replace") as file:
                _lock(file, fcntl.LOCK_SH)
                self._read(file)
        except (FileNotFoundError, NotADirectoryError):
            self._keys, stamp = (), None
        self._stamp = stamp
        return self._keys

    def add(self, entries: Iterable[E]) -> None:
        """Put entries on the list and tell the user, but for those that are on it already."""
        known = frozenset(self.keys)
        new = [entry for entry in entries if entry.key not in known]
        if not new:
            return
        news: dict[str, E] = {}
        with self.path.open("a+", encoding="utf-8", errors="replace") as file:
            _lock(file, fcntl.LOCK_EX)
            self._read(file)
            known = frozenset(self._keys)
            news = {entry.key: entry for entry in new if entry.key not in known}
            file.writelines(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in news.values())
        self.tell(tuple(news.values()))

    def tell(self, news: Sequence[E]) -> None:
        """Tell the user what is new."""
        raise NotImplementedError

    def entry(self, said: Mapping[str, Any]) -> E:
        """Return what a line says; what it lacks is a KeyError."""
        raise NotImplementedError

    def _read(self, file: TextIO) -> None:
        file.seek(0)
        text = file.read(_MAX_LENGTH + 1)
        if len(text) > _MAX_LENGTH:
            raise PatternGenError(
                f"{self.path} is larger than {_MAX_LENGTH >> 20} MiB: it is no list of programs"
            )
        lines = enumerate(text.removeprefix("\ufeff").split("\n"), 1)
        found = (self._key(number, line) for number, line in lines if line.strip())
        self._keys = tuple(dict.fromkeys(found))

    def _key(self, number: int, line: str) -> str:
        try:
            return self.entry(parse_json(line)).key
        except (ValueError, KeyError, TypeError):
            raise PatternGenError(f"{self.path}:{number}: not {self.what}") from None


def _lock(file: TextIO, how: int) -> None:
    """Lock a file until it is closed, where the file system can."""
    with contextlib.suppress(OSError):
        fcntl.flock(file, how)
