"""The programs that the drawing process holds compiled: as many as are kept, the latest used."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from itertools import count

from patterngen.shaders.language.program import Program
from patterngen.shaders.language.translate import Fragment, Reading, translate
from patterngen.shaders.render.protocol import Text

PROGRAMS_KEPT = 256
"""The program unused for longest goes first."""

Key = tuple[str, Reading]
"""A program's digest and how it is read: all that decides what the compiler is given."""


@dataclass
class SentProgram:
    """A program as it is sent to the drawing process."""

    number: int
    """Number by which both sides know it."""
    fragment: Fragment
    compiled: bool = False

    @property
    def text(self) -> Text:
        """What the drawing process compiles."""
        fragment = self.fragment
        return Text(
            number=self.number,
            fragment=fragment.text,
            samplers=dict(fragment.samplers or {}),
            frames=fragment.frames,
            passes=[asdict(one) for one in fragment.passes],
            parameters={name: one.default for name, one in fragment.parameters.items()},
        )


class ProgramCache:
    """Programs by what they are drawn from, and what the drawing process has still to be told of them."""

    def __init__(self) -> None:
        self._programs: OrderedDict[Key, SentProgram] = OrderedDict()
        self._numbers = count()
        self._dropped: list[int] = []

    def take(self, program: Program, reading: Reading) -> SentProgram:
        """Return a program as it is sent, translated when its text is new.

        Raises:
            PatternGenError: it could not be read, or fits no dialect.
        """
        key = program.digest, reading
        if program.unreadable or key not in self._programs:
            self._programs[key] = SentProgram(next(self._numbers), translate(program, reading))
        self._programs.move_to_end(key)
        return self._programs[key]

    def news(self, wanted: Collection[SentProgram]) -> tuple[list[int], list[Text]]:
        """Return the numbers to forget and the programs to compile before those wanted can be drawn."""
        needed = {program.number for program in wanted}
        surplus = max(0, len(self._programs) - PROGRAMS_KEPT)
        for key, program in list(self._programs.items())[:surplus]:
            if program.number not in needed:
                self.remove(key)
        return self._dropped, [program.text for program in wanted if not program.compiled]

    def told(self, wanted: Collection[SentProgram]) -> None:
        """Note that the drawing process has carried the news out."""
        self._dropped = []
        for program in wanted:
            program.compiled = True

    def remove(self, key: Key) -> None:
        """Drop a program, if it is there."""
        if key in self._programs:
            self._dropped.append(self._programs.pop(key).number)

    def digest(self, number: int | None) -> str | None:
        """Return whose number it is."""
        return next((key[0] for key, program in self._programs.items() if program.number == number), None)

    def recompile(self) -> None:
        """Count none as compiled: the drawing process is a new one."""
        self._dropped = []
        for program in self._programs.values():
            program.compiled = False
