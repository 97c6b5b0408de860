"""The family of fragment programs: our own, or those of a user's folder."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError, unknown_name
from patterngen.families import register
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Param, Pictures
from patterngen.families.model.program_family import ProgramFamily
from patterngen.families.model.settings import Range
from patterngen.kernels.jit import kernel
from patterngen.limits import MAX_FRAMES
from patterngen.rng import bits, stream, uniform
from patterngen.shaders.language.excluded import EXCLUDED, FailedProgram, excluded_among
from patterngen.shaders.language.folder import (
    digest,
    find_programs,
    program_named,
    read_keep_list,
)
from patterngen.shaders.language.noted import NOT_NUMBERS, NotedProgram, noted
from patterngen.shaders.language.parameters import draw_values, flat_values
from patterngen.shaders.language.program import (
    TRAITS,
    Program,
    find_program,
    find_programs_with,
    programs,
    text_digest,
)
from patterngen.shaders.language.translate import FRAMES, Fragment, Reading
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.renderer import Attempt, Numbers, Values, renderer

MANY = 8
"""When so many programs fail all at once, the renderer has to draw with `SOUND` or is at fault itself."""

SOUND = "vec3 pattern(vec2 p, float t, vec4 r) { return vec3(0.5); }"


@register
@dataclass(frozen=True, kw_only=True)
class Shaders(ProgramFamily):
    """Small GLSL programs of our own, in many visible kinds: waves, noise, tilings, fractals, figures."""

    name: ClassVar[str] = "shaders"
    version: ClassVar[int] = 3
    source: ClassVar[str] = (
        "our programs, after the idea of Baradad et al., Procedural Image Programs for Representation "
        "Learning, NeurIPS 2022"
    )
    repeats: ClassVar[Literal["everywhere", "per renderer"]] = "per renderer"

    program: str = ""
    """Draw with this program alone; empty draws with any of them, each equally often."""
    kind: str = ""
    """Draw with the programs of this kind alone, such as cellular or flow; empty draws with all kinds."""
    ground: str = ""
    """Draw with the programs of this ground alone: black or white behind figures, or full; empty is any."""
    colour: str = ""
    """Draw with the programs of this colour alone, grey or coloured; empty is any."""
    time_low: Annotated[float, Range(0.0, 3600.0)] = 0.1
    """The least time in seconds; 0.1 to 10 s are those of Shaders21k."""
    time_high: Annotated[float, Range(0.0, 3600.0)] = 10.0
    """The greatest time in seconds."""
    supersample: Literal[1, 2] = 1
    """Samples per pixel and axis: 2 is smoother and takes four times as long."""
    dir: str = ""
    """Draw with the programs of this folder and those in it instead of ours; see docs/shader-dialects.md."""
    keep: str = ""
    """Draw with the programs that this file names alone: `patterngen shaders check --out` writes it."""
    dialect: Literal[
        "auto", "pattern", "shadertoy", "classic", "geek", "geeker", "geekest", "book", "isf"
    ] = "auto"
    """The dialect of the programs in `dir`; auto tells it from each program's text."""
    frames: Annotated[int, Range(1, MAX_FRAMES)] = FRAMES
    """Frames, 1/60 s apart, that lead to the picture of a program that reads its own last one."""
    isf_inputs: Literal["drawn", "default"] = "drawn"
    """Inputs of programs of the Interactive Shader Format: drawn from their ranges for each picture, or at
    the defaults that their programs give them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for trait, word in self._traits.items():
            if self.program and word:
                raise PatternGenError(
                    f"shaders?program={self.program}&{trait}={word}: give one of them; "
                    f"a program has one {trait}"
                )
            if self.dir and word:
                raise PatternGenError(
                    f"shaders?dir={self.dir}&{trait}={word}: only our own programs say their {trait}"
                )
        _ = self._chosen  # which checks names

    @cached_property
    def known(self) -> dict[str, Program]:
        """All programs, by name: ours, or those of the folder."""
        return find_programs(self.dir) if self.dir else programs()

    @property
    def num_classes(self) -> int:
        """One class per program, also when only some of them are drawn."""
        return len(self.known)

    @property
    def inputs(self) -> dict[str, str]:
        """Digests of the user's programs and of the keep-list."""
        found = {"dir": digest(self.known.values())} if self.dir else {}
        return found | ({"keep": digest(map(self.known.__getitem__, self._chosen))} if self.keep else {})

    @property
    def renderer(self) -> str:
        """The name and version that OpenGL reports; opens it."""
        return renderer().name

    def draw_rectangle(self, seeds: Sequence[int], height: int, width: int) -> Pictures:
        """Draw one picture per seed; see `Family.draw`.

        The seed chooses the program, then its time and its four random numbers, and the parameters that the
        program leaves open. If the program is excluded, or fails now, the seed chooses another.

        Raises:
            PatternGenError: there is no OpenGL, or the size is beyond what it can draw, or all programs are
                excluded or fail.
        """
        known, failed = self.known, list[FailedProgram]()
        numbers = np.array([_numbers(seed) for seed in seeds]).reshape(len(seeds), 5)
        # Whole multiples of 2⁻²⁴ are exact in float32: what is written down is what the program was given.
        numbers = (np.floor(numbers * 2**24) / 2**24).astype(np.float32)
        times = (self.time_low + (self.time_high - self.time_low) * numbers[:, 0]).astype(np.float32)
        randoms = numbers[:, 1:]
        names, values = [""] * len(seeds), list[Values]([{}]) * len(seeds)
        pixels: NDArray[np.uint8] | None = None
        unsound: set[Program] = set()
        waiting = np.arange(len(seeds))
        while pixels is None or len(waiting):
            chosen, allowed = self._chosen, self._allowed(failed)
            for n in waiting.tolist():
                names[n] = chosen[_choose(seeds[n], allowed)]
                values[n] = self._values(known[names[n]], seeds[n])
            wanted = [known[names[n]] for n in waiting.tolist()]
            some = [values[n] for n in waiting.tolist()]
            drawn, losses, wrong = self._attempt(
                wanted, times[waiting], randoms[waiting], some, (height, width)
            )
            unsound |= wrong
            if pixels is None:
                pixels = drawn
            else:
                pixels[waiting] = drawn
            if MANY <= len(set(wanted)) == len(losses):
                sound = [Program.of_text("sound", SOUND)]
                if renderer().attempt(sound, times[:1], randoms[:1], Canvas(1)).losses:
                    raise PatternGenError(next(iter(losses.values())))
            failed += [FailedProgram.of(*loss, self.renderer) for loss in losses.items()]
            waiting = waiting[np.array([program in losses for program in wanted], bool)]
        class_of = {name: number for number, name in enumerate(known)}
        texts = {name: f"{known[name].source}\n" for name in set(names)} if self.dir else {}
        digests = {name: {"source": text_digest(text)} for name, text in texts.items()}
        return Pictures(
            pixels=pixels,
            params=[
                {
                    "program": name,
                    **digests.get(name, {}),
                    "t": float(t),
                    **{f"r{k}": float(r[k]) for k in range(4)},
                    **self._about(known[name], given),
                }
                for name, t, r, given in zip(names, times, randoms, values, strict=True)
            ],
            class_id=np.array([class_of[name] for name in names], np.int64),
            sources={f"{digests[name]['source']}.glsl": text for name, text in texts.items()},
            failed=failed,
            noted=[note for name in sorted(set(names)) for note in self._notes(known[name], unsound)],
        )

    @property
    def _traits(self) -> dict[str, str]:
        """What is asked of our programs; empty is anything."""
        return {trait: str(getattr(self, trait)) for trait in TRAITS}

    @cached_property
    def _chosen(self) -> tuple[str, ...]:
        """The programs that the settings leave."""
        only = program_named(self.program, self.known) if self.dir else self.program
        if self.program and self.dir and only not in self.known:
            raise unknown_name("shader program", self.program, self.known, f"ls -R {self.dir}")
        if self.program and not self.dir:
            find_program(self.program)
        any_of = tuple(self.known) if self.dir else find_programs_with(**self._traits)
        chosen = (only,) if only else any_of
        if self.keep:
            kept = set(read_keep_list(self.keep, self.known))
            chosen = tuple(name for name in chosen if name in kept)
        if not chosen:
            raise PatternGenError(
                f"shaders?keep={self.keep}: none of the programs that are asked for is kept"
            )
        return chosen

    @property
    def _reading(self) -> Reading:
        """How the programs of `dir` are read."""
        return Reading(self.dialect, frames=self.frames)

    def _fragment(self, program: Program) -> Fragment | None:
        """Return a program of `dir` as it is drawn; None if it cannot be, as `_attempt` says."""
        try:
            return renderer().fragment(program, self._reading) if self.dir else None
        except PatternGenError:
            return None

    def _values(self, program: Program, seed: int) -> Values:
        """Draw a program's parameters, if they are to be drawn."""
        fragment = self._fragment(program)
        if fragment is None or self.isf_inputs == "default":
            return {}
        return draw_values(fragment.parameters, seed)

    def _about(self, program: Program, values: Values) -> dict[str, Param]:
        """Return what the params say of a picture of a program of `dir`, besides time and random numbers."""
        fragment = self._fragment(program)
        if fragment is None:
            return {}
        textures = {"textures": fragment.textures} if fragment.textures else {}
        return {**textures, **flat_values(values, fragment.parameters)}

    def _notes(self, program: Program, unsound: Collection[Program]) -> list[NotedProgram]:
        """Return what the host does to a program of `dir`."""
        fragment = self._fragment(program)
        if fragment is None:
            return []
        return noted(program, (*fragment.notes, *([NOT_NUMBERS] if program in unsound else [])))

    def _attempt(
        self,
        wanted: Sequence[Program],
        times: Numbers,
        randoms: Numbers,
        values: Sequence[Values],
        size: tuple[int, int],
    ) -> Attempt:
        """Draw pictures as `Renderer.attempt` does."""
        if not self.dir:
            return renderer().attempt(wanted, times, randoms, Canvas(size, self.supersample))
        # Programs from elsewhere know only whole pixels: for more samples they draw a larger picture.
        height, width = (side * self.supersample for side in size)
        canvas = Canvas((height, width), reading=self._reading)
        drawn = renderer().attempt(wanted, times, randoms, canvas, values)
        return drawn if self.supersample == 1 else drawn._replace(pixels=_halved(drawn.pixels))

    def _allowed(self, failed: Sequence[FailedProgram]) -> NDArray[np.bool_]:
        """Tell which of these programs are neither excluded nor failed.

        Raises:
            PatternGenError: none.
        """
        out = excluded_among(map(self.known.__getitem__, self._chosen), self.excluded)
        out |= {program.program for program in failed}
        if out.issuperset(self._chosen):
            reason = failed[0].reason if failed else f"{self._chosen[0]} {EXCLUDED}"
            raise PatternGenError(f"no shader program is left: {reason}")
        return np.array([name not in out for name in self._chosen])


def programs_of(family: Family) -> dict[str, Program]:
    """Return the programs that a family may draw with by name, those of a wrapper's parts included."""
    found = dict(family.known) if isinstance(family, Shaders) else {}
    for part in getattr(family, "parts", ()):
        found |= programs_of(part)
    return found


def check_programs(family: Family, shape: tuple[int, int]) -> None:
    """Draw a picture with a user's own programs, if a family draws with any.

    Raises:
        PatternGenError: none of them can be drawn with, or there is no OpenGL.
    """
    if isinstance(family, Shaders) and family.dir:
        family.draw([0], shape)
    for part in getattr(family, "parts", ()):
        check_programs(part, shape)


@kernel
def _halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Average the pixels of pictures [N, 2 H, 2 W, 3] two by two."""
    N, H, W, C = pixels.shape
    halved = np.empty((N, H // 2, W // 2, C), np.uint8)
    for n in range(N):
        for y in range(H // 2):
            above, below = pixels[n, 2 * y], pixels[n, 2 * y + 1]
            for x in range(W // 2):
                for c in range(C):
                    total = np.int32(above[2 * x, c]) + np.int32(above[2 * x + 1, c])
                    total += np.int32(below[2 * x, c]) + np.int32(below[2 * x + 1, c])
                    halved[n, y, x, c] = (total + 2) >> 2
    return halved


@kernel
def _numbers(seed: int) -> NDArray[np.float64]:
    """Draw five numbers from U[0, 1): for the time and the four random numbers."""
    state = stream(seed)
    bits(state)  # the program's
    numbers = np.empty(5)
    for i in range(5):
        numbers[i] = uniform(state, 0.0, 1.0)
    return numbers


@kernel
def _choose(seed: int, allowed: NDArray[np.bool_]) -> int:
    """Choose a program, each equally often; if it is not allowed, again, further down the stream."""
    state = stream(seed)
    choice = int(uniform(state, 0.0, len(allowed)))
    for _ in range(5):
        bits(state)  # the picture's numbers
    while not allowed[choice]:
        choice = int(uniform(state, 0.0, len(allowed)))
    return choice
