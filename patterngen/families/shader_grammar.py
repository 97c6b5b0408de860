"""`shader-grammar`: fragment programs that a grammar writes, as many as are wanted, each a class."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.families import register
from patterngen.families.model.pictures import Pictures
from patterngen.families.model.program_family import ProgramFamily
from patterngen.families.model.settings import Range
from patterngen.families.model.wrapper import spec_text
from patterngen.kernels.jit import kernel
from patterngen.rng import State, below, bits, stream
from patterngen.shaders.grammar import write_program
from patterngen.shaders.language.excluded import EXCLUDED, FailedProgram
from patterngen.shaders.language.program import Program, shader_folder, text_digest
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.renderer import Numbers, renderer

MOST = 2**31
"""Programs that one seed of the grammar has."""

_TRIES = 64
"""Programs tried for one picture; of those of the grammar, one in a thousand is ever left out."""

_WORTH_LOOKING_AT = 16
"""Pixels across a picture that ought to have more than one colour."""

_ALL_LOST = 3
"""So many programs at once, and not one can be drawn with: it is not the programs' fault."""


@dataclass(frozen=True)
class Written:
    """A program that the grammar wrote."""

    number: int
    text: str
    """Text as written, which datasets keep under the program's name: the first digits of its SHA-256."""
    program: Program


@register
@dataclass(frozen=True, kw_only=True)
class ShaderGrammar(ProgramFamily):
    """Programs that a grammar composes of warps, fields, blends and palettes: no end of new patterns."""

    name: ClassVar[str] = "shader-grammar"
    version: ClassVar[int] = 2
    source: ClassVar[str] = (
        "our grammar; 21 000 programs as in Baradad et al., Procedural Image Programs for Representation "
        "Learning, NeurIPS 2022"
    )
    repeats: ClassVar[Literal["everywhere", "per renderer"]] = "per renderer"
    # Compiling a program takes as long as drawing some thirty pictures with it.
    seed_group: ClassVar[int] = 32

    programs: Annotated[int, Range(1, MOST)] = 21_000
    """How many programs there are, each drawn equally often; 21 000 are as many as Shaders21k has."""
    program: Annotated[int, Range(-1, MOST - 1)] = -1
    """Draw with this program alone, counted from 0; −1 draws with all."""
    grammar_seed: Annotated[int, Range(0, MOST - 1)] = 0
    """Another seed has other programs."""
    time_low: Annotated[float, Range(0.0, 3600.0)] = 0.1
    """The least time in seconds; 0.1 to 10 s are those of Shaders21k."""
    time_high: Annotated[float, Range(0.0, 3600.0)] = 10.0
    """The greatest time in seconds."""
    supersample: Literal[1, 2] = 1
    """Samples per pixel and axis: 2 is smoother and takes four times as long."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.program >= self.programs:
            raise PatternGenError(
                f"shader-grammar?program={self.program}&programs={self.programs}: "
                f"give a program from 0 to {self.programs - 1}, or more programs"
            )

    @property
    def num_classes(self) -> int:
        """One class per program, also when only one of them is drawn."""
        return self.programs

    @property
    def renderer(self) -> str:
        """The name and version that OpenGL reports; opens it."""
        return renderer().name

    def draw_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Pictures:
        """Draw one picture per seed.

        The upper half of a seed chooses the program, and the whole seed draws the time and four random
        numbers. If a program is excluded, or fails now, or its picture has but one colour, the seed chooses
        another. The params name the program, and so do the sources, which hold its text.

        Raises:
            PatternGenError: there is no OpenGL, or the size is beyond what it can draw, or the program asked
                for cannot be drawn with.
        """
        numbers = np.empty((len(seeds), 5), np.float32)
        _draw_numbers(np.asarray(seeds, np.uint64), numbers)
        times = (self.time_low + (self.time_high - self.time_low) * numbers[:, 0]).astype(np.float32)
        failed: dict[str, FailedProgram] = {}
        choices = [self._choices(seed >> 32, failed) for seed in seeds]
        pixels, used = self._paint(
            choices, times, numbers[:, 1:], Canvas((height, width), self.supersample), failed
        )
        return Pictures(
            pixels=pixels,
            params=[
                {
                    "program": written.program.name,
                    "number": written.number,
                    "t": t,
                    **dict(zip(_RANDOMS, r, strict=True)),
                }
                for written, t, r in zip(used, times.tolist(), numbers[:, 1:].tolist(), strict=True)
            ],
            class_id=np.array([written.number for written in used], np.int64),
            sources=_sources(used),
            failed=tuple(failed.values()),
        )

    def _paint(
        self,
        choices: Sequence[Iterator[Written]],
        times: Numbers,
        randoms: Numbers,
        canvas: Canvas,
        failed: dict[str, FailedProgram],
    ) -> tuple[NDArray[np.uint8], list[Written]]:
        """Draw pictures, each with the first of its choices that will do; return them and their programs.

        Programs that fail are added to those that did, by name.
        """
        used = [next(written) for written in choices]
        programs = [written.program for written in used]
        pixels, losses, _ = renderer().attempt(programs, times, randoms, canvas)
        for program, reason in losses.items():
            if self._is_alone or _ALL_LOST <= len(set(programs)) == len(losses):
                raise PatternGenError(reason)
            failed[program.name] = FailedProgram.of(program, reason, self.renderer)
        wrong = np.array([program in losses for program in programs], bool)
        if min(canvas.height, canvas.width) >= _WORTH_LOOKING_AT and not self._is_alone:
            wrong |= _flat(pixels)
        again = np.flatnonzero(wrong).tolist()
        if again:
            left = [choices[n] for n in again]
            pixels[again], others = self._paint(left, times[again], randoms[again], canvas, failed)
            for n, written in zip(again, others, strict=True):
                used[n] = written
        return pixels, used

    @property
    def _is_alone(self) -> bool:
        """Whether there is one program and no other to take its place."""
        return self.program >= 0 or self.programs == 1

    def _choices(self, root: int, failed: Mapping[str, FailedProgram]) -> Iterator[Written]:
        """Yield the programs that a root chooses one after the other, but for those excluded or failed."""
        state = stream(root)
        for _ in range(_TRIES):
            number = self.program if self.program >= 0 else _below(state, self.programs)
            written = _write(self.grammar_seed * MOST + number)
            program = written.program
            if program.name not in failed and program.reference not in self.excluded:
                yield written
            elif self._is_alone:
                raise PatternGenError(f"program {number} of the shader grammar, {program.name}, {EXCLUDED}")
        raise PatternGenError(
            f"{spec_text(self)}: {_TRIES} programs in a row are excluded, fail or draw one colour; "
            "give more programs"
        )


_RANDOMS = ("r0", "r1", "r2", "r3")


@kernel
def _below(state: State, n: int) -> int:
    return below(state, n)


@kernel
def _draw_numbers(seeds: NDArray[np.uint64], numbers: NDArray[np.float32]) -> None:
    """Draw five numbers of [0, 1) for each seed: whole multiples of 2⁻²⁴, exact in float32."""
    for n in range(len(seeds)):
        s = stream(seeds[n])
        for k in range(5):
            numbers[n, k] = np.float32(bits(s) >> np.uint64(40)) * np.float32(1.0 / 16777216.0)


@kernel
def _flat(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which pictures [N, H, W, 3] are of one colour."""
    flat = np.ones(len(pixels), np.bool_)
    for n in range(len(pixels)):
        values = pixels[n].reshape(-1)
        for k in range(3, len(values)):
            if values[k] != values[k - 3]:
                flat[n] = False
                break
    return flat


@lru_cache(maxsize=1024)
def _write(seed: int) -> Written:
    """Write a program of the grammar."""
    text = write_program(seed)
    return Written(seed % MOST, text, Program.of_text(text_digest(text), text))


@cache
def _library(name: str) -> str:
    """Return the text of a file of the library."""
    return (shader_folder() / name).read_text("utf-8")


def _sources(used: Sequence[Written]) -> dict[str, str]:
    """Return the texts of programs and of what they include."""
    included = {f"lib/{file.name}" for written in used for file in written.program.included}
    return {f"{written.program.name}.glsl": written.text for written in used} | {
        name: _library(name) for name in sorted(included)
    }
