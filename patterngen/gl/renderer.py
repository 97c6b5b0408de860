"""Compile programs and draw batches of pictures with them.

A program is a file that defines one function,

    vec3 pattern(vec2 p, float t, vec4 r)

the colour, RGB in [0, 1], at the point `p` of the picture: (0, 0) in its centre, x to the right and y up,
±1 at the edges of the shorter side. `t` is a time in seconds and `r` four independent numbers from U[0, 1)
that belong to the picture, so that one program draws any number of pictures. It may read `pixel`, the
distance between neighbouring samples in units of `p`, to soften what is finer than that.
"""

import os
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from patterngen.errors import PatternGenError
from patterngen.gl.context import describe, open_context
from patterngen.gl.source import Source, load

if TYPE_CHECKING:
    import moderngl

PROGRAMS_KEPT = 256
"""Compiled programs kept per thread; the one unused for longest goes first."""

TARGET_PIXELS = 1 << 23
"""Pixels drawn per read-back: 128 pictures of 256², 24 MB."""

VERTEX = """#version 330 core
in float tile;
in float time;
in vec4 random;
flat out int first_row;
flat out float picture_time;
flat out vec4 picture_random;
uniform int tiles;
uniform int stride;

// Two triangles cover one tile of a column of pictures.
void main() {
  int corner = gl_VertexID % 6;
  vec2 q = vec2(corner == 1 || corner == 2 || corner == 4, corner == 2 || corner == 4 || corner == 5);
  gl_Position = vec4(2.0 * q.x - 1.0, 2.0 * (q.y + tile) / float(tiles) - 1.0, 0.0, 1.0);
  first_row = int(tile) * stride;
  picture_time = time;
  picture_random = random;
}
"""

# The number of samples is a constant to the compiler: a loop it cannot unroll costs three times as much.
FRAGMENT_HEAD = """#version 330 core
#define HOST_SAMPLES {samples}
uniform float pixel;
"""

# The place comes from whole pixel numbers, not from an interpolated one, so that a picture is the same to
# the last bit wherever in the target it lies. Rows count from the top: nothing has to be flipped later.
FRAGMENT_TAIL = """
flat in int first_row;
flat in float picture_time;
flat in vec4 picture_random;
uniform int size;
layout(location = 0) out vec4 host_colour;

void main() {
  ivec2 place = ivec2(gl_FragCoord.xy) - ivec2(0, first_row);
  vec3 sum = vec3(0.0);
  for (int i = 0; i < HOST_SAMPLES * HOST_SAMPLES; i++) {
    ivec2 fine = place * HOST_SAMPLES + ivec2(i % HOST_SAMPLES, i / HOST_SAMPLES);
    vec2 p = vec2(2 * fine + 1 - size * HOST_SAMPLES) * pixel * 0.5;
    sum += clamp(pattern(vec2(p.x, -p.y), picture_time, picture_random), 0.0, 1.0);
  }
  host_colour = vec4(sum / float(HOST_SAMPLES * HOST_SAMPLES), 1.0);
}
"""

_PLACE = re.compile(r"\b0[:(](\d+)(?:\((\d+)\)|\))?")
"""Line and column in the messages of Mesa, `0:12(5): error`, and of NVIDIA, `0(12) : error`."""


@dataclass(frozen=True)
class Canvas:
    """How a batch is drawn.

    Attributes:
        size: height and width of a picture in pixels.
        samples: samples per pixel and axis; their mean is the pixel.
        dtype: ``"f1"`` for bytes, ``"f4"`` for the numbers before they are rounded to bytes.
    """

    size: int
    samples: int = 1
    dtype: Literal["f1", "f4"] = "f1"


class Renderer:
    """Draws with OpenGL. It belongs to the thread and the process that made it.

    Raises:
        PatternGenError: there is no OpenGL; see `open_context`.
    """

    def __init__(self) -> None:
        self.context = open_context()
        self.name = describe(self.context)
        self._process = os.getpid()
        self._compiled: OrderedDict[tuple[Path, int], moderngl.Program] = OrderedDict()
        self._target: tuple[tuple[int, int, str], moderngl.Framebuffer] | None = None

    @property
    def usable(self) -> bool:
        """False in a forked child: the driver's own state does not survive a fork."""
        return self._process == os.getpid()

    def compile(self, path: Path, samples: int = 1) -> "moderngl.Program":
        """Compile a program for a number of samples per pixel and axis, or return it compiled.

        Raises:
            PatternGenError: the driver refuses it; names the file, the line and the driver's reason.
        """
        key = (path, samples)
        if key in self._compiled:
            self._compiled.move_to_end(key)
            return self._compiled[key]
        source = load(path)
        fragment = FRAGMENT_HEAD.format(samples=samples) + "\n".join(source.lines) + FRAGMENT_TAIL
        try:
            program = self.context.program(vertex_shader=VERTEX, fragment_shader=fragment)
        except Exception as error:  # its class, _moderngl.Error, is private
            raise PatternGenError(_explain(str(error), source)) from None
        self._compiled[key] = program
        if len(self._compiled) > PROGRAMS_KEPT:
            self._compiled.popitem(last=False)
        return program

    def draw(
        self, paths: Sequence[Path], times: NDArray[np.float32], randoms: NDArray[np.float32], canvas: Canvas
    ) -> NDArray[np.uint8] | NDArray[np.float32]:
        """Draw N pictures, each by its own program.

        Args:
            paths: the N programs; equal ones need not be adjacent.
            times: float32 [N], seconds.
            randoms: float32 [N, 4], in [0, 1).
            canvas: the size and kind of the pictures.

        Returns:
            [N, size, size, 3], row 0 on top: uint8, or float32 in [0, 1].

        Raises:
            PatternGenError: a program that does not compile, or a size beyond what the renderer can draw.
        """
        limit: int = min(self.context.info["GL_MAX_VIEWPORT_DIMS"])
        size = canvas.size
        if not 1 <= size < limit:
            raise PatternGenError(f"size={size}: {self.name} draws pictures of 1 to {limit - 1} pixels")
        pictures = np.empty((len(paths), size, size, 3), np.uint8 if canvas.dtype == "f1" else np.float32)
        # An even stride: the 2×2 blocks in which a GPU takes derivatives never reach into the next picture.
        stride = size + size % 2
        step = max(1, min(limit // stride, TARGET_PIXELS // (stride * size)))
        for start in range(0, len(paths), step):
            part = slice(start, start + step)
            self._draw_column(paths[part], times[part], randoms[part], canvas, stride, pictures[part])
        self.context.gc()
        return pictures

    def _draw_column(
        self,
        paths: Sequence[Path],
        times: NDArray[np.float32],
        randoms: NDArray[np.float32],
        canvas: Canvas,
        stride: int,
        out: NDArray[np.uint8] | NDArray[np.float32],
    ) -> None:
        """Draw pictures one above the other into one target, each program once, and read it back once."""
        size, context = canvas.size, self.context
        groups: dict[Path, list[int]] = {}
        for tile, path in enumerate(paths):
            groups.setdefault(path, []).append(tile)
        order = np.concatenate([np.asarray(tiles) for tiles in groups.values()])
        attributes = np.column_stack([order, times[order], randoms[order]]).astype(np.float32)
        vertices = context.buffer(np.repeat(attributes, 6, axis=0).tobytes())
        target = self._open_target(size, stride * len(paths), canvas.dtype)
        target.use()
        first = 0
        for path, tiles in groups.items():
            program = self.compile(path, canvas.samples)
            pixel = 2.0 / (size * canvas.samples)
            _set(program, tiles=len(paths), stride=stride, size=size, pixel=pixel)
            array = context.vertex_array(
                program, [(vertices, "1f4 1f4 4f4", "tile", "time", "random")], skip_errors=True
            )
            array.render(vertices=6 * len(tiles), first=6 * first)
            first += len(tiles)
        if stride == size:
            target.read_into(out, components=3, alignment=1, dtype=canvas.dtype)
        else:
            data = target.read(components=3, alignment=1, dtype=canvas.dtype)
            out[:] = np.frombuffer(data, out.dtype).reshape(len(paths), stride, size, 3)[:, :size]

    def _open_target(self, width: int, height: int, dtype: str) -> "moderngl.Framebuffer":
        """Return a target of this shape: the last one again if it fits, for most batches are alike."""
        key = (width, height, dtype)
        if self._target is None or self._target[0] != key:
            self._target = None  # let go of the old one before asking for memory
            texture = self.context.texture((width, height), 4, dtype=dtype)  # RGB alone need not be drawable
            self._target = key, self.context.framebuffer([texture])
        return self._target[1]


def renderer() -> Renderer:
    """Return this thread's renderer, made at the first call.

    Raises:
        PatternGenError: there is no OpenGL, or this process was forked from one that had opened it.
    """
    found: Renderer | None = getattr(_of_thread, "renderer", None)
    if found is None:
        found = _of_thread.renderer = Renderer()
    if not found.usable:
        raise PatternGenError(
            "OpenGL was opened before this process was forked and does not survive that: "
            "start workers with multiprocessing.get_context('spawn')"
        )
    return found


_of_thread = threading.local()


def _set(program: "moderngl.Program", **values: float) -> None:
    for name, value in values.items():
        if name in program:  # a driver drops the uniforms that a program has no use for
            program[name] = value


def _explain(message: str, source: Source) -> str:
    """Say the driver's first complaint in terms of the user's own file and line."""
    for line in _complaints(message):
        place = _PLACE.search(line)
        if place is None:
            continue
        number = int(place[1]) - FRAGMENT_HEAD.count("\n")
        if 1 <= number <= len(source.origins):
            file, row = source.origins[number - 1]
            column = f":{place[2]}" if place[2] else ""
            return f"{file}:{row}{column}: {line[place.end() :].strip(' :')}"
    if "pattern" in message:
        return f"{source.path}: defines no `vec3 pattern(vec2 p, float t, vec4 r)`; add that function"
    return f"{source.path}: the driver refuses the program: {' '.join(_complaints(message))}"


def _complaints(message: str) -> Iterator[str]:
    """Yield the driver's own lines: moderngl puts a title and a rule above them."""
    for line in message.splitlines():
        if "error" in line.lower():
            yield line
