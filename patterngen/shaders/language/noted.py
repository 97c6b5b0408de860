"""What the host does to a program that its author would want to know, such as noise in place of a texture."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from patterngen.escape import visible
from patterngen.shaders.language.program import Program

NOT_NUMBERS = "colours that are not numbers are drawn as black"
"""Note on a program some of whose colours are NaN."""


@dataclass(frozen=True)
class NotedProgram:
    """One thing that the host does to a program.

    Attributes:
        program: name of the program.
        sha256: the digest of its text with what it includes.
        note: line that says what.
    """

    program: str
    sha256: str
    note: str

    @property
    def key(self) -> str:
        """Program and note: the same is said once of one text."""
        return f"{self.program}@{self.sha256} {self.note}"


def noted(program: Program, notes: Iterable[str]) -> list[NotedProgram]:
    """Return the notes on a program, each once."""
    return [NotedProgram(program.name, program.digest, note) for note in dict.fromkeys(notes)]


def tell(notes: Iterable[NotedProgram]) -> None:
    """Tell the user, in one line for each program."""
    for name, some in groupby(dict.fromkeys(notes), lambda one: one.program):
        text = f"shader program {name}: {'; '.join(one.note for one in some)}"
        logging.getLogger("patterngen").warning(visible(text))
