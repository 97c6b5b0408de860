"""Draw batches of pictures with programs, whatever becomes of the process that draws them.

A program is a file that defines one function,

    vec3 pattern(vec2 p, float t, vec4 r)

the colour, RGB in [0, 1], at the point `p` of the picture: (0, 0) in its centre, x to the right and y up,
±1 at the edges of the longer side. `t` is a time in seconds and `r` four independent numbers from U[0, 1)
that belong to the picture, so that one program draws any number of pictures. It may read `pixel`, the
distance between neighbouring samples in units of `p`, to soften what is finer than that. Programs in other
dialects (see `patterngen.shaders.language.dialects`) are drawn too, one sample per pixel.
"""

import os
import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing import current_process
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.shaders.language.parameters import Value
from patterngen.shaders.language.program import Program
from patterngen.shaders.language.translate import Fragment, Reading
from patterngen.shaders.render.canvas import Canvas, arrange, take_colours
from patterngen.shaders.render.explain import explain
from patterngen.shaders.render.options import current
from patterngen.shaders.render.process import GLProcess, LostError
from patterngen.shaders.render.program_cache import ProgramCache, SentProgram
from patterngen.shaders.render.protocol import PICTURES, PIXELS, Request
from patterngen.sizes import spelled

Numbers = NDArray[np.float32]
Values = Mapping[str, Value]
"""Parameters of a picture, by their names."""

REQUEST_BYTES = 1 << 25
"""Memory for the pixels of one request, RGBA: 128 pictures of 256². A larger picture goes alone."""

LIVES = 2
"""How often a program may end the process that draws before it is given up."""


@dataclass(frozen=True)
class Batch:
    """Pictures to draw: for each its program, its time [N], its four random numbers [N, 4] and parameters."""

    programs: Sequence[Program]
    times: Numbers
    randoms: Numbers
    values: Sequence[Values]


class Target(NamedTuple):
    """Room for the pictures of a batch, and for whether all colours of each are numbers."""

    pixels: NDArray[Any]
    sound: NDArray[np.bool_]


class Attempt(NamedTuple):
    """Pictures as far as they could be drawn."""

    pixels: NDArray[Any]
    """[N, height, width, 3]; those of a program that failed are undefined."""
    losses: dict[Program, str]
    """Programs that failed, each with a line that says why."""
    unsound: set[Program]
    """Programs with colours that are not numbers, which are black."""


class Renderer:
    """Draws with OpenGL, in a process that it starts at the first need and replaces when it is lost.

    Threads may share it; processes may not.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._cache = ProgramCache()
        self._process: GLProcess | None = None
        self._device = ""

    @property
    def name(self) -> str:
        """The name and version that OpenGL reports.

        Raises:
            PatternGenError: OpenGL cannot be opened; MissingDependencyError if something is not installed.
        """
        with self._lock:
            return str(self._open().info["name"])

    def fragment(self, program: Program, reading: Reading) -> Fragment:
        """Return a program as it is drawn, translated when its text is new.

        Raises:
            PatternGenError: it could not be read, or fits no dialect.
        """
        with self._lock:
            return self._cache.take(program, reading).fragment

    def draw(
        self,
        programs: Sequence[Program],
        times: Numbers,
        randoms: Numbers,
        canvas: Canvas,
        values: Sequence[Values] = (),
    ) -> NDArray[Any]:
        """Draw N pictures, each by its own program.

        Args:
            programs: the N programs; equal ones need not be adjacent.
            times: float32 [N], seconds.
            randoms: float32 [N, 4], in [0, 1).
            canvas: the size and kind of the pictures.
            values: of each picture the parameters that are not at their defaults; none for all at theirs.

        Returns:
            [N, height, width, 3], row 0 on top: uint8, or float32 in [0, 1].

        Raises:
            PatternGenError: a program that does not compile, takes longer than it may or ends the process
                that draws; or a size beyond what the renderer can draw; or there is no OpenGL.
        """
        tried = self.attempt(programs, times, randoms, canvas, values)
        for reason in tried.losses.values():
            raise PatternGenError(reason)
        return tried.pixels

    def attempt(
        self,
        programs: Sequence[Program],
        times: Numbers,
        randoms: Numbers,
        canvas: Canvas,
        values: Sequence[Values] = (),
    ) -> Attempt:
        """Draw as `draw` does, but without the programs that cannot be drawn with.

        Raises:
            PatternGenError: a size beyond what the renderer can draw; or there is no OpenGL.
        """
        losses: dict[Program, str] = {}
        with self._lock:
            info = self._open().info
            if max(canvas.height, canvas.width) >= info["limit"]:
                most = info["limit"] - 1
                raise PatternGenError(
                    f"size={spelled(canvas.size)}: {info['name']} draws pictures of 1 to {most} pixels"
                )
            pictures = np.empty((len(programs), canvas.height, canvas.width, 3), canvas.kind)
            sound = np.ones(len(programs), np.bool_)
            step = max(1, min(PICTURES, REQUEST_BYTES // canvas.bytes))
            for start in range(0, len(programs), step):
                part = slice(start, start + step)
                batch = Batch(programs[part], times[part], randoms[part], values[part])
                self._draw_all(batch, canvas, Target(pictures[part], sound[part]), losses)
        wrong = {programs[n] for n in np.flatnonzero(~sound).tolist()}
        return Attempt(pictures, losses, wrong - losses.keys())

    def _open(self) -> GLProcess:
        """Return the process that draws, a new one if it is not there or draws on another device."""
        wanted = current().device
        if self._process is not None and not (self._process.usable and self._device == wanted):
            self._process.close()
            self._process = None
        if self._process is None:
            self._cache.recompile()
            self._process, self._device = GLProcess(wanted, _worker_number()), wanted
        return self._process

    def _draw_all(self, batch: Batch, canvas: Canvas, target: Target, losses: dict[Program, str]) -> None:
        """Draw a batch that fits one request into `target`; add what is lost to `losses`.

        A program that ends the process gets the new one to itself, picture by picture. If it ends that too,
        it is lost; if not, the end was another's doing, or that of several pictures together.
        """
        waiting = [np.arange(len(batch.programs))]
        ends: Counter[str | None] = Counter()
        while waiting:
            places = waiting.pop()
            try:
                self._draw_once(batch, places, canvas, target, losses, single=bool(ends))
            except LostError as lost:
                digest = self._cache.digest(lost.program)
                ends[digest] += 1
                if digest is None and ends[digest] > LIVES:
                    raise RuntimeError(f"OpenGL {lost.reason} without drawing, again and again") from None
                alone = np.array([i for i in places.tolist() if batch.programs[i].digest == digest], np.int64)
                if digest is not None and ends[digest] == LIVES:
                    ended = [batch.programs[i] for i in alone.tolist()]
                    losses |= {program: f"{program.file}: {lost.reason}" for program in ended}
                waiting += [np.setdiff1d(places, alone), alone]

    def _draw_once(
        self,
        batch: Batch,
        places: NDArray[np.int64],
        canvas: Canvas,
        target: Target,
        losses: dict[Program, str],
        *,
        single: bool,
    ) -> None:
        """Send one request and take its pictures out of the shared memory.

        Raises:
            LostError: the process was lost over it.
        """
        sent = self._send((batch.programs[i] for i in places.tolist()), canvas.reading, losses)
        drawn = [i for i in places.tolist() if batch.programs[i] in sent]
        if not drawn:
            return
        # Each program once; their pictures need not be adjacent to begin with.
        drawn.sort(key=lambda i: sent[batch.programs[i]].number)
        order = np.array(drawn, np.int64)
        process = self._open()
        columns, vertices = arrange(
            [sent[batch.programs[i]].number for i in drawn],
            batch.times[order],
            batch.randoms[order],
            column=max(1, process.info["limit"] // canvas.stride),
        )
        texts = {one.number: one for one in sent.values()}.values()  # of which several programs may be
        dropped, new = self._cache.news(texts)
        request = Request(
            drop=dropped,
            compile=new,
            bytes=PIXELS + max(REQUEST_BYTES, len(order) * canvas.bytes),
            height=canvas.height,
            width=canvas.width,
            stride=canvas.stride,
            pixel=2.0 / (max(canvas.height, canvas.width) * canvas.samples),
            dtype=canvas.dtype,
            columns=columns,
            values=[dict(batch.values[i]) for i in drawn] if any(batch.values) else [],
            budget=current().seconds(canvas.samples_in_all),
            single=single,
        )
        refused = process.ask(request, vertices)
        self._cache.told(texts)
        for program, one in sent.items():
            if one.number in refused:
                losses[program] = explain(refused[one.number], program, one.fragment)
                self._cache.remove((program.digest, canvas.reading))
        shape = (len(order), canvas.stride, canvas.width, 4)
        take_colours(process.pixels(shape, canvas.kind), order, canvas.opaque, *target)

    def _send(
        self, programs: Iterable[Program], reading: Reading, losses: dict[Program, str]
    ) -> dict[Program, SentProgram]:
        """Find programs in the cache; those that could not be read or translated are losses."""
        sent = {}
        for program in (one for one in dict.fromkeys(programs) if one not in losses):
            try:
                sent[program] = self._cache.take(program, reading)
            except PatternGenError as error:
                losses[program] = str(error)
        return sent


def renderer() -> Renderer:
    """Return this process's renderer; after a fork, that is a new one."""
    return _renderer_of(os.getpid())


@cache
def _renderer_of(process: int) -> Renderer:
    return Renderer()


def _worker_number() -> int:
    """Return this process's number among those of its pool: workers take the GPUs in turn."""
    digits = re.search(r"\d+$", current_process().name)
    return int(digits[0]) - 1 if digits else 0
