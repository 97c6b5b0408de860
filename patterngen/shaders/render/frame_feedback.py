"""What a program reads besides numbers: noise, and what its passes drew. Runs in the child."""

import random
from typing import TYPE_CHECKING, Any, cast

from patterngen.shaders.language.glsl import CORNERS, NOISE_SIZE
from patterngen.shaders.language.passes import Pass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import moderngl

    from patterngen.shaders.render.protocol import Text

FRAME = 1.0 / 60.0
"""Seconds from frame to frame."""

_TEXTURES = ("noise", "back0", "back1", "cube", "volume", *(f"pass{k}" for k in range(11)))
_UNITS = {name: unit for unit, name in enumerate(_TEXTURES)}
"""Textures of two kinds may not share a unit; cube and volume are empty, which is read as black."""


class FrameFeedback:
    """A compiled program's inputs, and the passes and frames that lead to its picture if it reads any.

    Passes are drawn by themselves, rows from the bottom as OpenGL counts them. The last one of the last frame
    is drawn into the column of pictures as any program's picture is.

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
        self._passes = [Pass(**fields) for fields in text["passes"]]
        self._frames = text["frames"]
        reads = any(kind.startswith(("back", "pass")) for kind in self._samplers.values())
        self.reads_itself = reads or len(self._passes) > 1
        """Whether there is something to draw before its picture."""
        self._parameters = text["parameters"]
        self._numbers: dict[str, float] = {}
        self.singly = self.reads_itself or bool(self._parameters)
        """Whether each picture is drawn by itself."""
        if "noise" in self._samplers.values():
            self._noise = _noise(context)

    def set_parameters(self, values: "Mapping[str, Sequence[float]]") -> None:
        """Set the parameters of a picture; those that are not given have their defaults."""
        for name, numbers in {**self._parameters, **values}.items():
            if len(numbers) == 1:
                self._numbers[name] = numbers[0]
            if name in self._program:
                self._program[name] = numbers[0] if len(numbers) == 1 else tuple(numbers)

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
        """Draw what comes before the picture, of (width, height), whose first vertex this is."""
        targets = [[self._open(one, size) for _ in range(2)] if one.fills else [] for one in self._passes]
        self.set(host_tiles=1, host_lift=tile, host_upward=1.0)
        for one, pair in zip(self._passes, targets, strict=True):
            self._show(one, pair[:1])
        last = max(self._frames - 1, 0)
        for frame in range(last + 1):
            self.set(host_age=(last - frame) * FRAME, host_frame=min(frame, self._frames - 1))
            for number, (one, pair) in enumerate(zip(self._passes, targets, strict=True)):
                self.set(host_pass=number, host_size=self._size(one, size) if pair else size)
                if pair and (frame, number) != (last, len(targets) - 1):
                    pair[1].use()
                    pair[1].clear()
                    array.render(vertices=CORNERS, first=corner)
                    pair.reverse()
                    self._show(one, pair[:1])
        self.set(host_size=size)

    def _size(self, one: Pass, size: tuple[int, int]) -> tuple[int, int]:
        return one.size(*size, self._numbers)

    def _open(self, one: Pass, size: tuple[int, int]) -> "moderngl.Framebuffer":
        """Return an empty target; a program that discards pixels leaves them empty."""
        kind = "f4" if one.deep else "f1"
        textures = [self._context.texture(self._size(one, size), 4, dtype=kind) for _ in one.fills]
        for texture in textures:
            texture.repeat_x = texture.repeat_y = False
        target = self._context.framebuffer(textures)
        target.clear()
        return target

    def _show(self, one: Pass, targets: "Sequence[moderngl.Framebuffer]") -> None:
        """Let the program read what a pass drew, if it draws more than the picture."""
        for target in targets:
            textures = cast("tuple[moderngl.Texture, ...]", target.color_attachments)
            for name, texture in zip(one.fills, textures, strict=True):
                texture.use(_UNITS[name])


def _noise(context: "moderngl.Context") -> Any:
    """Return white noise of bytes, smoothed where it is seen small: one texture for all programs."""
    if context.extra is None:
        noise = random.Random(0).randbytes(4 * NOISE_SIZE**2)  # noqa: S311 – nothing is to be kept secret
        texture = context.texture((NOISE_SIZE, NOISE_SIZE), 4, noise)
        texture.build_mipmaps()
        context.extra = texture
    return context.extra
