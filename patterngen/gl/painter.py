"""Draws what the parent process asks for; runs in the child, and imports as little as it can.

The memory that both share begins with three numbers, which survive the child's end and tell the parent
what it died of: the program that is running (−1 for none), whether it is being compiled, and how many steps
were begun so far. Then come the vertices of the request, then the pixels of the answer.
"""

import mmap
import signal
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from patterngen.gl.context import describe, glsl_version, is_software
from patterngen.gl.film import Film
from patterngen.gl.glsl import CORNERS, VERTEX

if TYPE_CHECKING:
    import moderngl

PICTURES = 256
"""Most pictures in one request."""
PICTURE_VERTICES = CORNERS * 4 * (1 + 1 + 4)
"""Bytes of one picture's vertices: tile, time, four random numbers, each float32, at every corner."""
VERTICES = mmap.PAGESIZE
"""Where the vertices begin."""
PIXELS = VERTICES + -(-PICTURES * PICTURE_VERTICES // mmap.PAGESIZE) * mmap.PAGESIZE
"""Where the pixels begin: RGBA, one picture after the other, an even number of rows each."""

COMPILING = 5.0
"""Compiling a program may take this many times as long as drawing a picture with it."""

_NOWHERE = b"\x00\x00\x80\xc9"  # the float32 −2²⁰: a tile so far outside that its program runs for no pixel
_PART = 8
"""Pictures of one program are drawn together while that is sure to take less than this part of a budget."""


class Text(TypedDict):
    """A program to compile."""

    number: int
    """By which both sides know it."""
    fragment: str
    samplers: dict[str, str]
    """Its textures: ``noise``, or what its last frame drew, ``back0`` and ``back1``."""
    frames: int
    """How many frames lead to its picture, if it reads the last one."""
    deep: bool
    """Whether its frames have two targets, of numbers rather than bytes."""


class Request(TypedDict):
    """What the parent asks for, as JSON."""

    drop: list[int]
    """Programs to forget."""
    compile: list[Text]
    """New programs."""
    bytes: int
    """How much memory is shared."""
    size: int
    stride: int
    """Rows from one picture to the next in a target."""
    pixel: float
    dtype: Literal["f1", "f4"]
    columns: list[tuple[int, list[tuple[int, int]]]]
    """For each target its number of pictures, and in their order programs and how many pictures of each."""
    budget: float
    """Seconds for one picture."""
    single: bool
    """Whether to draw each picture by itself, so that an end can be laid to one."""


class Painter:
    """Draws with OpenGL in this process.

    Args:
        context: the open context.
        memory: the file descriptor of the shared memory.
        overlap: whether to read one target while the next is drawn; None does so on a GPU, because on the
            CPU there is nothing to wait for.
    """

    def __init__(self, context: "moderngl.Context", memory: int, overlap: bool | None = None) -> None:
        self.context = context
        self._file = memory
        self._map()
        software = is_software(context)
        self._overlap = not software if overlap is None else overlap
        # On the CPU, time is the processor's: a busy or a stopped machine condemns no program.
        self._timer = signal.ITIMER_PROF if software else signal.ITIMER_REAL
        self._clock = time.process_time if software else time.perf_counter
        self._programs: dict[int, tuple[moderngl.Program, moderngl.VertexArray]] = {}
        self._films: dict[int, Film] = {}
        self._ready: set[tuple[int, str]] = set()
        self._pace: dict[int, float] = {}
        self._target: tuple[tuple[int, str], int, moderngl.Framebuffer] | None = None
        self._buffers: list[moderngl.Buffer] = []
        # The first vertices are those of a picture that lies nowhere.
        self._vertices = context.buffer(reserve=(PICTURES + 1) * PICTURE_VERTICES)
        self._vertices.write((_NOWHERE + bytes(20)) * CORNERS)

    def introduce(self) -> dict[str, Any]:
        """Say what draws, and how large it can draw."""
        info = self.context.info
        return {
            "name": describe(self.context),
            "software": is_software(self.context),
            "limit": min(info["GL_MAX_VIEWPORT_DIMS"]),
            "vendor": info["GL_VENDOR"],
            "renderer": info["GL_RENDERER"],
            "opengl": info["GL_VERSION"],
            "glsl": glsl_version(),
        }

    def paint(self, request: Request) -> dict[int, str]:
        """Compile and draw; return what the driver says of the programs that it refuses."""
        if len(self._memory) < request["bytes"]:
            self._map()
        for key in request["drop"]:
            self._forget(key)
        refused = {}
        for text in request["compile"]:
            words = self._compile(text, request["budget"])
            if words:
                refused[text["number"]] = words
        count = sum(tiles for tiles, _ in request["columns"])
        if count:
            vertices = memoryview(self._memory)[VERTICES : VERTICES + count * PICTURE_VERTICES]
            self._vertices.write(vertices, offset=PICTURE_VERTICES)
            self._draw(request, refused)
        self.context.gc()
        return refused

    def _map(self) -> None:
        self._memory = mmap.mmap(self._file, 0)
        self._state = memoryview(self._memory)[:24].cast("q")

    @contextmanager
    def _watched(self, key: int, seconds: float, *, compiling: bool = False) -> Iterator[None]:
        """Do one step, or die: the kernel ends this process when the time is over, wherever it is."""
        self._state[0], self._state[1] = key, compiling
        self._state[2] += 1
        signal.setitimer(self._timer, seconds * (COMPILING if compiling else 1.0))
        try:
            yield
        finally:
            signal.setitimer(self._timer, 0.0)
            self._state[0] = -1

    def _compile(self, text: Text, budget: float) -> str:
        """Compile a program; return the driver's complaint, or nothing."""
        key = text["number"]
        try:
            with self._watched(key, budget, compiling=True):
                program = self.context.program(vertex_shader=VERTEX, fragment_shader=text["fragment"])
        except Exception as error:  # its class, _moderngl.Error, is private
            return str(error) or "the driver refuses it without a word"
        array = self.context.vertex_array(
            program, [(self._vertices, "1f4 1f4 4f4", "tile", "time", "random")], skip_errors=True
        )
        self._programs[key] = program, array
        self._films[key] = Film(self.context, program, text)
        return ""

    def _forget(self, key: int) -> None:
        self._programs.pop(key, None)
        self._films.pop(key, None)
        self._pace.pop(key, None)
        self._ready -= {(key, "f1"), (key, "f4")}

    def _draw(self, request: Request, refused: Collection[int]) -> None:
        """Draw column after column, and bring each to the shared memory."""
        row_bytes = 4 * request["size"] * (1 if request["dtype"] == "f1" else 4)
        rows = request["stride"] * max(tiles for tiles, _ in request["columns"])
        target = self._open_target(request["size"], rows, request["dtype"])
        first, place = 0, PIXELS
        finish_reading: Callable[[], object] = _nothing
        for turn, (tiles, groups) in enumerate(request["columns"]):
            rows = request["stride"] * tiles
            self._set_state(target, request["size"], rows)
            for key, count in groups:
                if key not in refused:
                    self._draw_group(key, first, count, tiles, request, target)
                first += count
            pixels = memoryview(self._memory)[place : place + rows * row_bytes]
            finish_reading()
            finish_reading = self._start_reading(target, rows, pixels, request, turn)
            place += len(pixels)
        finish_reading()

    def _draw_group(
        self, key: int, first: int, count: int, tiles: int, request: Request, target: "moderngl.Framebuffer"
    ) -> None:
        """Draw pictures of one program into a column of so many tiles."""
        _, array = self._programs[key]
        size = request["size"]
        film = self._films[key]
        film.set(stride=request["stride"], host_size=size, pixel=request["pixel"])
        film.aim_at_column(tiles)
        self._finish_compiling(key, array, request)
        for start, n in self._steps(key, count, request):
            began = self._clock()
            with self._watched(key, request["budget"]):
                if film.reads_itself:
                    film.draw_frames(array, CORNERS * (1 + first + start), first + start, size)
                    film.aim_at_column(tiles)
                    target.use()
                array.render(vertices=CORNERS * n, first=CORNERS * (1 + first + start))
                self.context.finish()
            self._pace[key] = (self._clock() - began) / (n * size**2)

    def _steps(self, key: int, count: int, request: Request) -> Iterator[tuple[int, int]]:
        """Split the pictures of a program into steps; the first shows how long one takes."""
        start = 0
        while start < count:
            n = 1
            if key in self._pace and not request["single"] and not self._films[key].reads_itself:
                seconds = max(self._pace[key] * request["size"] ** 2, 1e-9)
                n = max(1, min(count - start, int(request["budget"] / _PART / seconds)))
            yield start, n
            start += n

    def _finish_compiling(self, key: int, array: "moderngl.VertexArray", request: Request) -> None:
        """Make the driver compile what it leaves to the first picture, with a picture that lies nowhere."""
        if (key, request["dtype"]) not in self._ready:
            with self._watched(key, request["budget"], compiling=True):
                array.render(vertices=CORNERS)
                self.context.finish()
            self._ready.add((key, request["dtype"]))

    def _set_state(self, target: "moderngl.Framebuffer", size: int, rows: int) -> None:
        """Leave nothing of what was drawn before: a program may discard pixels."""
        context = self.context
        target.use()
        target.scissor = 0, 0, size, rows
        target.color_mask = True, True, True, True
        target.viewport = 0, 0, size, rows
        context.disable(context.BLEND | context.DEPTH_TEST | context.CULL_FACE | context.RASTERIZER_DISCARD)
        target.clear(viewport=(0, 0, size, rows))

    def _open_target(self, size: int, rows: int, dtype: str) -> "moderngl.Framebuffer":
        """Return a target at least this high: the last one if it fits, for most requests are alike."""
        if self._target is None or self._target[0] != (size, dtype) or self._target[1] < rows:
            self._target = None
            self.context.gc()  # let go of the old one before asking for memory
            texture = self.context.texture((size, rows), 4, dtype=dtype)  # RGB alone need not be drawable
            self._target = (size, dtype), rows, self.context.framebuffer([texture])
        return self._target[2]

    def _start_reading(
        self, target: "moderngl.Framebuffer", rows: int, pixels: memoryview, request: Request, turn: int
    ) -> Callable[[], object]:
        """Read a target as it is stored, RGBA; return what waits for it, where it runs beside the drawing."""
        region, dtype = (0, 0, request["size"], rows), request["dtype"]
        if not self._overlap:
            target.read_into(pixels, region, components=4, alignment=1, dtype=dtype)
            return _nothing
        if not self._buffers or self._buffers[0].size < len(pixels):
            self._buffers = [self.context.buffer(reserve=len(pixels), dynamic=True) for _ in range(2)]
        buffer = self._buffers[turn % 2]
        target.read_into(buffer, region, components=4, alignment=1, dtype=dtype)
        return lambda: buffer.read_into(pixels, size=len(pixels))


def _nothing() -> None:
    """Finish what needs no finishing."""
