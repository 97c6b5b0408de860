"""A dataset's record of what the host does to the programs that it was drawn with: ``notes.jsonl``.

Nothing follows from it: it is for whoever wrote the programs, or looks at the pictures.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from patterngen.shaders.language import noted
from patterngen.shaders.language.noted import NotedProgram
from patterngen.shaders.render.program_list import ProgramList


class Notes(ProgramList[NotedProgram]):
    """The list of what is noted of a dataset's programs."""

    what = "a note on a program; delete the line"

    def tell(self, news: Sequence[NotedProgram]) -> None:
        """Tell the user, a line for each program."""
        noted.tell(news)

    def entry(self, said: Mapping[str, Any]) -> NotedProgram:
        """Return what a line says; what it lacks is a KeyError."""
        return NotedProgram(*(str(said[key]) for key in ("program", "sha256", "note")))
