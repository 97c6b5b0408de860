"""Draws what the parent process asks for; runs in the child, and imports as little as it can."""

import mmap
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from patterngen.shaders.language.glsl import CORNERS
from patterngen.shaders.render.context import describe, glsl_version, is_software
from patterngen.shaders.render.frame_feedback import FrameFeedback
from patterngen.shaders.render.protocol import (
    COMPILING,
    PICTURE_VERTICES,
    PICTURES,
    PIXELS,
    VERTICES,
    Request,
    Text,
)

if TYPE_CHECKING:
    import moderngl

_NOWHERE = b"\x00\x00\x80\xc9"  # the float32 −2²⁰: a tile so far outside that its program runs for no pixel
_PART = 8
"""Pictures of one program are drawn together while that is sure to take less than this part of a budget."""


class GLWorker:
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
        self._software = software = is_software(context)
        self._overlap = not software if overlap is None else overlap
        # On the CPU, time is the processor's: a busy or a stopped machine condemns no program.
        self._timer = signal.ITIMER_PROF if software else signal.ITIMER_REAL
        self._clock = time.process_time if software else time.perf_counter
        self._feedbacks: dict[int, FrameFeedback] = {}
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
                self._feedbacks[key] = FrameFeedback(self.context, text, self._vertices)
        except Exception as error:  # its class, _moderngl.Error, is private
            return str(error) or "the driver refuses it without a word"
        return ""

    def _forget(self, key: int) -> None:
        self._feedbacks.pop(key, None)
        self._pace.pop(key, None)
        self._ready -= {(key, "f1"), (key, "f4")}

    def _draw(self, request: Request, refused: dict[int, str]) -> None:
        """Draw column after column, and bring each to the shared memory; add what fails to `refused`."""
        row_bytes = 4 * request["width"] * (1 if request["dtype"] == "f1" else 4)
        rows = request["stride"] * max(tiles for tiles, _ in request["columns"])
        target = self._open_target(request["width"], rows, request["dtype"])
        first, place = 0, PIXELS
        finish_reading: Callable[[], object] = _nothing
        for turn, (tiles, groups) in enumerate(request["columns"]):
            rows = request["stride"] * tiles
            self._set_state(target, request["width"], rows)
            for key, count in groups:
                if key not in refused:
                    try:
                        self._draw_group(key, first, count, tiles, request, target)
                    except Exception as error:  # whatever it is, this program alone is lost
                        refused[key] = f"it fails when it draws: {type(error).__name__} {error}"
                        target.use()
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
        feedback = self._feedbacks[key]
        array = feedback.picture.array
        size = request["width"], request["height"]
        feedback.set(host_stride=request["stride"], host_size=size, host_pixel=request["pixel"])
        feedback.aim_at_column(tiles)
        self._finish_compiling(key, request)
        for start, n in self._steps(key, count, request):
            began = self._clock()
            with self._watched(key, request["budget"]):
                if request["values"] or feedback.singly:
                    feedback.set_parameters(request["values"][first + start] if request["values"] else {})
                if feedback.reads_itself:
                    feedback.draw_frames(CORNERS * (1 + first + start), first + start, size)
                    feedback.aim_at_column(tiles)
                    target.use()
                array.render(vertices=CORNERS * n, first=CORNERS * (1 + first + start))
                self.context.finish()
            feedback.forget()
            self._pace[key] = (self._clock() - began) / (n * size[0] * size[1])

    def _steps(self, key: int, count: int, request: Request) -> Iterator[tuple[int, int]]:
        """Split the pictures of a program into steps; the first shows how long one takes."""
        start = 0
        while start < count:
            n = 1
            if key in self._pace and not request["single"] and not self._feedbacks[key].singly:
                seconds = max(self._pace[key] * request["width"] * request["height"], 1e-9)
                n = max(1, min(count - start, int(request["budget"] / _PART / seconds)))
            yield start, n
            start += n

    def _finish_compiling(self, key: int, request: Request) -> None:
        """Make the driver compile what it leaves to the first picture, with a picture that lies nowhere."""
        if (key, request["dtype"]) not in self._ready:
            with self._watched(key, request["budget"], compiling=True):
                for stage in self._feedbacks[key].stages:
                    stage.array.render(vertices=CORNERS)
                self.context.finish()
            self._ready.add((key, request["dtype"]))

    def _set_state(self, target: "moderngl.Framebuffer", width: int, rows: int) -> None:
        """Leave nothing of what was drawn before: a program may discard pixels."""
        context = self.context
        target.use()
        target.scissor = 0, 0, width, rows
        target.color_mask = True, True, True, True
        target.viewport = 0, 0, width, rows
        context.disable(context.DEPTH_TEST | context.CULL_FACE | context.RASTERIZER_DISCARD)
        # All of the new and none of the old is the new, to the last bit. But llvmpipe compiles what is opaque
        # twice, once more for squares that are covered whole, and draws no faster for it.
        context.blend_func = context.ONE, context.ZERO
        (context.enable if self._software else context.disable)(context.BLEND)
        target.clear(viewport=(0, 0, width, rows))

    def _open_target(self, width: int, rows: int, dtype: str) -> "moderngl.Framebuffer":
        """Return a target at least this high: the last one if it fits, for most requests are alike."""
        if self._target is None or self._target[0] != (width, dtype) or self._target[1] < rows:
            self._target = None
            self.context.gc()  # let go of the old one before asking for memory
            texture = self.context.texture((width, rows), 4, dtype=dtype)  # RGB alone need not be drawable
            self._target = (width, dtype), rows, self.context.framebuffer([texture])
        return self._target[2]

    def _start_reading(
        self, target: "moderngl.Framebuffer", rows: int, pixels: memoryview, request: Request, turn: int
    ) -> Callable[[], object]:
        """Read a target as it is stored, RGBA; return what waits for it, where it runs beside the drawing."""
        region, dtype = (0, 0, request["width"], rows), request["dtype"]
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
