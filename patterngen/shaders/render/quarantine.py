"""A dataset's record of the programs that it was drawn without: ``quarantine.jsonl`` in its folder.

Pictures follow from the dataset's definition, and this list adds to the programs that it excludes: those
that were refused by the driver, too slow, or the end of the process that draws. So every later run honours
it. A line holds for one text of a program: once the program is edited, it is tried again. To try it again as
it is, delete its line.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from patterngen.shaders.language.excluded import FailedProgram
from patterngen.shaders.render.program_list import ProgramList


class Quarantine(ProgramList[FailedProgram]):
    """The list of programs that a dataset is drawn without."""

    what = "a program in quarantine; delete the line, and it is tried again"

    @property
    def excluded(self) -> tuple[str, ...]:
        """The programs, as they are excluded; another process may have added to them.

        Raises:
            PatternGenError: the file is damaged.
        """
        return self.keys

    def tell(self, news: Sequence[FailedProgram]) -> None:
        """Tell the user, a line for each program."""
        for program in news:
            program.warn()

    def entry(self, said: Mapping[str, Any]) -> FailedProgram:
        """Return what a line says; what it lacks is a KeyError."""
        name, digest, reason = (str(said[key]) for key in ("program", "sha256", "reason"))
        return FailedProgram(name, digest, reason, "")


def mentions(params: Iterable[str], names: Collection[str]) -> bool:
    """Tell whether pictures were drawn with one of these programs, by their params as manifests hold them."""
    marks = [json.dumps({"program": name})[1:-1] for name in names]
    return bool(marks) and any(mark in text for text in params for mark in marks)
