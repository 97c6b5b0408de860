"""Programs that are not drawn with: values that are passed by hand, ``NAME@SHA256`` each.

The name is that under which a family knows a program, and the digest is of its text with what it includes.
So a program is excluded as it is: once it is edited, it is another one.
"""

import logging
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.shaders.language.program import Program

EXCLUDED = "is excluded; a dataset's quarantine.jsonl says why, and without its line it is tried again"
"""Remark about a program that is asked for and must not be drawn with."""

_EXCLUDED = re.compile(r".+@[0-9a-f]{64}", re.DOTALL)


@dataclass(frozen=True)
class FailedProgram:
    """A program that was given up while pictures were drawn: another took its place.

    Attributes:
        program: name of the program.
        sha256: the digest of its text with what it includes.
        reason: line that says why: refused by the driver, too slow, or the end of the process that draws.
        renderer: the name and version that OpenGL reported.
    """

    program: str
    sha256: str
    reason: str
    renderer: str

    @classmethod
    def of(cls, program: Program, reason: str, renderer: str) -> "FailedProgram":
        """Return what is known of a program that failed."""
        return cls(program.name, program.digest, reason, renderer)

    @classmethod
    def by_hand(cls, excluded: str) -> "FailedProgram":
        """Return what is known of a program that the user excludes."""
        name, _, digest = excluded.rpartition("@")
        return cls(name, digest, "excluded by hand", "")

    @property
    def excluded(self) -> str:
        """The value that excludes it from now on."""
        return f"{self.program}@{self.sha256}"

    @property
    def key(self) -> str:
        """What no other line about programs that failed has: `excluded`."""
        return self.excluded

    def warn(self) -> None:
        """Tell the user, in one line."""
        text = f"shader program {self.program} is left out: {self.reason}"
        logging.getLogger("patterngen").warning(visible(text))


def excluded_among(programs: Iterable[Program], excluded: Collection[str]) -> set[str]:
    """Return the names of those programs that are excluded as they are."""
    listed = frozenset(excluded)
    return {program.name for program in programs if program.reference in listed}


def check_excluded(excluded: Iterable[str]) -> None:
    """Raise PatternGenError for a text that names no program with its digest."""
    for text in excluded:
        if not _EXCLUDED.fullmatch(text):
            raise PatternGenError(
                f"excluded {text!r}: give NAME@SHA256, as a dataset's quarantine.jsonl has program and sha256"
            )
