"""A dataset's record of the programs that it was drawn without: ``quarantine.jsonl`` in its folder.

Pictures follow from the dataset's definition, and this list adds to the programs that it excludes: those
that were refused by the driver, too slow, or the end of the process that draws. So every later run honours
it. A line holds for one text of a program: once the program is edited, it is tried again. To try it again as
it is, delete its line.
"""

import contextlib
import fcntl
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from patterngen.errors import PatternGenError
from patterngen.shaders.language.excluded import FailedProgram

_MAX_LENGTH = 16 << 20


class Quarantine:
    """The list of programs that a dataset is drawn without.

    Args:
        path: the file that keeps it, which need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._excluded: tuple[str, ...] = ()
        self._stamp: tuple[int, int] | None = None

    @property
    def excluded(self) -> tuple[str, ...]:
        """The programs, as they are excluded; another process may have added to them.

        Raises:
            PatternGenError: the file is damaged.
        """
        try:
            stat = self.path.stat()
            stamp = stat.st_mtime_ns, stat.st_size
            if stamp == self._stamp:
                return self._excluded
            with self.path.open(encoding="utf-8", errors="replace") as file:
                _lock(file, fcntl.LOCK_SH)
                self._read(file)
        except (FileNotFoundError, NotADirectoryError):
            self._excluded, stamp = (), None
        self._stamp = stamp
        return self._excluded

    def add(self, failed: Iterable[FailedProgram]) -> None:
        """Put programs on the list and tell the user, but for those that are on it already."""
        for program in failed:
            with self.path.open("a+", encoding="utf-8", errors="replace") as file:
                _lock(file, fcntl.LOCK_EX)
                self._read(file)
                if program.excluded in self._excluded:
                    continue
                file.write(json.dumps(asdict(program), ensure_ascii=False) + "\n")
            program.warn()

    def _read(self, file: TextIO) -> None:
        file.seek(0)
        text = file.read(_MAX_LENGTH + 1)
        if len(text) > _MAX_LENGTH:
            raise PatternGenError(
                f"{self.path} is larger than {_MAX_LENGTH >> 20} MiB: it is no list of programs"
            )
        lines = enumerate(text.removeprefix("\ufeff").split("\n"), 1)
        found = (self._entry(number, line) for number, line in lines if line.strip())
        self._excluded = tuple(dict.fromkeys(found))

    def _entry(self, number: int, line: str) -> str:
        try:
            entry = json.loads(line)
            name, digest, reason = (str(entry[key]) for key in ("program", "sha256", "reason"))
            return FailedProgram(name, digest, reason, "").excluded
        except (ValueError, KeyError, TypeError):
            raise PatternGenError(
                f"{self.path}:{number}: not a program in quarantine; delete the line, and it is tried again"
            ) from None


def mentions(params: Iterable[str], names: Collection[str]) -> bool:
    """Tell whether pictures were drawn with one of these programs, by their params as manifests hold them."""
    marks = [json.dumps({"program": name})[1:-1] for name in names]
    return bool(marks) and any(mark in text for text in params for mark in marks)


def _lock(file: TextIO, how: int) -> None:
    """Lock a file until it is closed, where the file system can."""
    with contextlib.suppress(OSError):
        fcntl.flock(file, how)
