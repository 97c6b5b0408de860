"""Foreign fragment programs as their own sites draw them, with nothing of ours around them.

Each is compiled as it stands, in the language of its site (GLSL ES 1.00 or 3.00, which Mesa knows), behind
the lines that the site puts before it, and drawn over two triangles. Uniforms are set by their names; one of
another type stays 0, as in a browser. Precisions are those of desktops, and what a program does not write to
begins with 0, as browsers have it. The pixels of textures are ours, so that pictures can be compared.
"""

import os
import re
import signal
import time
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray
from plain_texts import Each, texts, uniforms

from patterngen.shaders.render.context import open_context
from patterngen.shaders.render.frame_feedback import FRAME
from patterngen.shaders.render.textures import Textures

FRAMES = 8
"""Frames that lead to the picture of a program that reads its own last one."""

_BACK = re.compile(r"backbuffer\d?|b[01]?")
_LIVE = re.compile(r"\buniform\b[^;]*\b(?:time|resolution|mouse)\b")
_SOLID = {0x8B5E: "noise", 0x8B60: "cube", 0x8B5F: "volume"}
"""Textures by OpenGL's numbers of the types sampler2D, samplerCube and sampler3D."""


class Plain:
    """Draws with programs as their sites do, in this process."""

    def __init__(self) -> None:
        self.context = open_context("cpu")
        self.corners = self.context.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], "f4").tobytes())

    def draw(
        self,
        source: str,
        kind: str,
        size: int,
        times: Sequence[float],
        channels: Mapping[str, str] | None = None,
    ) -> tuple[NDArray[np.uint8], float, float]:
        """Draw a picture for each time; return them, and the processor's seconds: the first's, others'."""
        began = time.process_time()
        vertex, fragment, given = texts(source, kind, channels)
        program = self.context.program(vertex_shader=vertex, fragment_shader=fragment)
        array = self.context.vertex_array(program, [(self.corners, "2f4", "place")])
        targets = [self.context.framebuffer([self.context.texture((size, size), 4)]) for _ in range(2)]
        samplers = {
            name: _SOLID[program[name].gl_type]
            for name in program
            if getattr(program[name], "gl_type", 0) in _SOLID
        }
        if channels:
            samplers = {name: channels.get(name, "black") for name in samplers}
        lives = kind == "classic" and _LIVE.search(source)
        back = {name for name in samplers if _BACK.fullmatch(name) or (lives and "iChannel" not in name)}
        frames, pictures, first = FRAMES if back else 1, list[NDArray[np.uint8]](), 0.0
        for t in times:
            for target in targets:
                target.clear()
            for k in range(frames):
                values = uniforms(size, max(t - (frames - 1 - k) * FRAME, 0.0), k if back else int(60 * t))
                given |= {f"{name}Resolution": (256.0, 256.0) for name in samplers}
                self._set(program, {**values, **given})
                for unit, (name, kind_) in enumerate(samplers.items()):
                    program[name] = unit
                    texture, *options = kind_.split(",")
                    held = Textures.of(self.context).get(texture)
                    if name in back:
                        held = targets[1].color_attachments[0]
                    held.use(unit)
                    Textures.of(self.context).sampler(options, ours=name not in back).use(unit)
                targets[0].use()
                targets[0].clear()
                array.render(self.context.TRIANGLE_STRIP)
                targets.reverse()
            data = targets[1].read(components=4)
            pictures.append(np.frombuffer(data, np.uint8).reshape(size, size, 4)[::-1, :, :3])
            first = first or time.process_time() - began
        return np.stack(pictures), first, time.process_time() - began - first

    @staticmethod
    def _set(program: Any, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name in program and value is not None:
                if isinstance(value, Each):  # of an array, the driver knows what is used
                    length = program[name].array_length
                    value = (value.value,) * length if length > 1 else value.value
                for given in (tuple(value) if isinstance(value, list) else value, _whole(value)):
                    try:
                        program[name] = given
                        break
                    except Exception:  # of another type: a browser leaves it 0
                        continue


def _whole(value: Any) -> Any:
    """Return what a bool or an int takes of a number that ISF gives as one with a point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class PlainProcess:
    """`Plain` in a process of its own, which a program may end."""

    def __init__(self) -> None:
        self._process: Any = None

    def draw(self, budget: float, *asked: Any) -> Any:
        """Return what `Plain.draw` does; or why it does not, as text."""
        if self._process is None or not self._process.is_alive():
            ours, theirs = get_context("spawn").Pipe()
            self._process = get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
            self._ours = ours
        self._ours.send((budget, asked))
        try:
            return self._ours.recv()
        except EOFError:
            self._process.join()
            return "it ended the process"


def _serve(connection: Any) -> None:
    os.environ |= {"LP_NUM_THREADS": "0", "glsl_zero_init": "true"}
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    plain = Plain()
    while True:
        try:
            budget, asked = connection.recv()
        except EOFError:  # the parent is done
            return
        signal.setitimer(signal.ITIMER_PROF, budget)
        try:
            answer: Any = plain.draw(*asked)
        except Exception as error:  # whatever it is, this program alone is lost
            answer = f"{type(error).__name__}: {error}"
        signal.setitimer(signal.ITIMER_PROF, 0)
        plain.context.gc()
        connection.send(answer)
