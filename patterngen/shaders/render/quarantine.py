"""Programs that were given up: refused by the driver, too slow, or the end of the process that draws.

The list is a file of JSON lines, ``quarantine.jsonl`` in a dataset's folder. Pictures follow from the job and
this list, which is why it lies there and why every later run honours it. A line holds for one text of a
program: once the program is edited, it is tried again. To try it again as it is, delete its line.
"""

import contextlib
import fcntl
import hashlib
import json
import logging
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TextIO

from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.shaders.language.source import load

_MAX_LENGTH = 16 << 20


class Quarantine:
    """A list of programs that are not drawn with.

    Args:
        path: the file that keeps it, which need not exist; None keeps it as long as the process lives.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._reasons: dict[tuple[str, str], str] = {}
        self._stamp: tuple[int, int] | None = None

    def reasons(self, programs: Mapping[str, Path]) -> dict[str, str]:
        """Return those of some programs that are on the list, by name, and why.

        Raises:
            PatternGenError: the file is damaged.
        """
        self._refresh()
        listed = {name for name, _ in self._reasons}
        found = {
            name: self._reasons.get((name, fingerprint(programs[name])), "")
            for name in programs.keys() & listed
        }
        return {name: reason for name, reason in found.items() if reason}

    def add(self, name: str, path: Path, reason: str, renderer: str) -> None:
        """Put a program on the list and tell the user, unless another process was faster."""
        key = name, fingerprint(path)
        if self.path is None:
            self._reasons[key] = reason
        else:
            entry = {"program": name, "sha256": key[1], "reason": reason, "renderer": renderer}
            with self.path.open("a+", encoding="utf-8", errors="replace") as file:
                _lock(file, fcntl.LOCK_EX)
                self._read(file)
                if key in self._reasons:
                    return
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        logging.getLogger("patterngen").warning(visible(f"shader program {name} is left out: {reason}"))

    def _refresh(self) -> None:
        """Read the file again if it is another one than last time."""
        if self.path is None:
            return
        try:
            stat = self.path.stat()
            stamp = stat.st_mtime_ns, stat.st_size
            if stamp == self._stamp:
                return
            with self.path.open(encoding="utf-8", errors="replace") as file:
                _lock(file, fcntl.LOCK_SH)
                self._read(file)
        except (FileNotFoundError, NotADirectoryError):
            self._reasons, stamp = {}, None
        self._stamp = stamp

    def _read(self, file: TextIO) -> None:
        file.seek(0)
        text = file.read(_MAX_LENGTH + 1)
        if len(text) > _MAX_LENGTH:
            raise PatternGenError(
                f"{self.path} is larger than {_MAX_LENGTH >> 20} MiB: it is no list of programs"
            )
        lines = enumerate(text.removeprefix("\ufeff").split("\n"), 1)
        self._reasons = dict(self._entry(number, line) for number, line in lines if line.strip())

    def _entry(self, number: int, line: str) -> tuple[tuple[str, str], str]:
        try:
            entry = json.loads(line)
            return (str(entry["program"]), str(entry["sha256"])), str(entry["reason"])
        except (ValueError, KeyError, TypeError):
            raise PatternGenError(
                f"{self.path}:{number}: not a program in quarantine; delete the line, and it is tried again"
            ) from None


@cache
def quarantine(path: Path | None) -> Quarantine:
    """Return the list that a file keeps, or that of this process."""
    return Quarantine(path)


def mentions(params: Iterable[str], names: Collection[str]) -> bool:
    """Tell whether pictures were drawn with one of these programs, by their params as manifests hold them."""
    marks = [json.dumps({"program": name})[1:-1] for name in names]
    return bool(marks) and any(mark in text for text in params for mark in marks)


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a program with what it includes; that of nothing if it cannot be read."""
    try:
        text = "\n".join(load(path).lines)
    except PatternGenError:
        text = ""
    return hashlib.sha256(text.encode()).hexdigest()


def _lock(file: TextIO, how: int) -> None:
    """Lock a file until it is closed, where the file system can."""
    with contextlib.suppress(OSError):
        fcntl.flock(file, how)
