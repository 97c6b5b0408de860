"""What a program reads besides numbers: noise, and its own last frame. Runs in the child."""

import random
from typing import TYPE_CHECKING, Any, cast

from patterngen.shaders.language.glsl import CORNERS, NOISE_SIZE

if TYPE_CHECKING:
    import moderngl

    from patterngen.shaders.render.protocol import Text

FRAME = 1.0 / 60.0
"""Seconds from frame to frame."""

_UNITS = {"noise": 0, "back0": 1, "back1": 2, "cube": 3, "volume": 4}
"""Textures of two kinds may not share a unit; the last two are empty, which is read as black."""


class FrameFeedback:
    """A compiled program's inputs, and the frames that lead to its picture if it reads its last one.

    Frames are drawn by themselves, rows from the bottom as OpenGL counts them. The last is drawn into the
    column of pictures as any program's picture is.

    Args:
        context: the open context.
        program: compiled.
        text: what it was compiled of.
    """

    def __init__(self, context: "moderngl.Context", program: "moderngl.Program", text: "Text") -> None:
        self._context = context
        self._program = program
        # A driver drops what a program has no use for: what is left is read.
        self._samplers = {name: kind for name, kind in text["samplers"].items() if name in program}
        self.reads_itself = any(kind.startswith("back") for kind in self._samplers.values())
        self._frames = text["frames"]
        self._targets, self._dtype = (2, "f4") if text["deep"] else (1, "f1")
        if "noise" in self._samplers.values():
            self._noise = _noise(context)

    def set(self, **values: float | tuple[int, int]) -> None:
        """Set those uniforms that the program has."""
        for name, value in values.items():
            if name in self._program:
                self._program[name] = value

    def aim_at_column(self, tiles: int) -> None:
        """Draw pictures into a column of so many tiles from now on."""
        self.set(host_tiles=tiles, host_lift=0, host_upward=-1.0, host_age=0.0)
        self.set(host_frame=self._frames - 1 if self.reads_itself else -1)
        for name, kind in self._samplers.items():
            self._program[name] = _UNITS[kind]
        if "noise" in self._samplers.values():
            self._noise.use(_UNITS["noise"])

    def draw_frames(
        self, array: "moderngl.VertexArray", corner: int, tile: int, size: tuple[int, int]
    ) -> None:
        """Draw the frames, of (width, height), before the last of the picture whose first vertex this is."""
        before, after = (self._open_frame(size) for _ in range(2))
        self.set(host_tiles=1, host_lift=tile, host_upward=1.0)
        for frame in range(self._frames - 1):
            self._show(before)
            after.use()
            after.clear()
            self.set(host_frame=frame, host_age=(self._frames - 1 - frame) * FRAME)
            array.render(vertices=CORNERS, first=corner)
            before, after = after, before
        self._show(before)

    def _open_frame(self, size: tuple[int, int]) -> "moderngl.Framebuffer":
        """Return an empty frame; a program that discards pixels leaves them empty."""
        textures = [self._context.texture(size, 4, dtype=self._dtype) for _ in range(self._targets)]
        for texture in textures:
            texture.repeat_x = texture.repeat_y = False
        frame = self._context.framebuffer(textures)
        frame.clear()
        return frame

    def _show(self, frame: "moderngl.Framebuffer") -> None:
        """Let the program read a frame."""
        for number, texture in enumerate(cast("tuple[moderngl.Texture, ...]", frame.color_attachments)):
            texture.use(_UNITS[f"back{number}"])


def _noise(context: "moderngl.Context") -> Any:
    """Return white noise of bytes, smoothed where it is seen small: one texture for all programs."""
    if context.extra is None:
        noise = random.Random(0).randbytes(4 * NOISE_SIZE**2)  # noqa: S311 – nothing is to be kept secret
        texture = context.texture((NOISE_SIZE, NOISE_SIZE), 4, noise)
        texture.build_mipmaps()
        context.extra = texture
    return context.extra
