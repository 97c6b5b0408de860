"""The passes and frames that lead to the picture of a program that reads them. Runs in the child."""

from typing import TYPE_CHECKING, cast

from patterngen.shaders.language.glsl import CORNERS
from patterngen.shaders.language.passes import Pass
from patterngen.shaders.render.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import moderngl

    from patterngen.shaders.render.protocol import Text

FRAME = 1.0 / 60.0
"""Seconds from frame to frame."""


class FrameFeedback:
    """A compiled program, its inputs, and the passes and frames that lead to its picture if it reads any.

    Passes are drawn by themselves, rows from the bottom as OpenGL counts them. The last one of the last frame
    is drawn into the column of pictures as any program's picture is.

    Args:
        context: the open context.
        text: what is compiled.
        vertices: of the pictures.
    """

    def __init__(self, context: "moderngl.Context", text: "Text", vertices: "moderngl.Buffer") -> None:
        self._context = context
        self.picture = Stage(context, text["fragment"], text["samplers"], vertices)
        """What draws the picture itself."""
        self._passes = [Pass(**fields) for fields in text["passes"]]
        self._stages = [
            Stage(context, one.text, one.samplers, vertices) if one.text else self.picture
            for one in self._passes
        ]
        self.stages = tuple(dict.fromkeys([self.picture, *self._stages]))
        """All that draw."""
        self._frames = text["frames"]
        self._drawn: dict[str, moderngl.Texture] = {}
        self.reads_itself = self.picture.reads_what_is_drawn or len(self._passes) > 1
        """Whether there is something to draw before its picture."""
        self._parameters = text["parameters"]
        self._numbers: dict[str, float] = {}
        self.singly = self.reads_itself or bool(self._parameters)
        """Whether each picture is drawn by itself."""

    def set_parameters(self, values: "Mapping[str, Sequence[float]]") -> None:
        """Set the parameters of a picture; those that are not given have their defaults."""
        for name, numbers in {**self._parameters, **values}.items():
            if len(numbers) == 1:
                self._numbers[name] = numbers[0]
            self.picture.set(**{name: numbers[0] if len(numbers) == 1 else tuple(numbers)})

    def set(self, **values: float | tuple[int, int]) -> None:
        """Set those uniforms that the program has."""
        for stage in self.stages:
            stage.set(**values)

    def aim_at_column(self, tiles: int) -> None:
        """Draw pictures into a column of so many tiles from now on."""
        self.set(host_tiles=tiles, host_lift=0, host_upward=-1.0, host_age=0.0)
        self.set(host_frame=self._frames - 1 if self.reads_itself else -1)
        self.picture.bind(self._drawn)

    def draw_frames(self, corner: int, tile: int, size: tuple[int, int]) -> None:
        """Draw what comes before the picture, of (width, height), whose first vertex this is."""
        targets = [[self._open(one, size) for _ in range(2)] if one.fills else [] for one in self._passes]
        self.set(host_tiles=1, host_lift=tile, host_upward=1.0)
        for one, pair in zip(self._passes, targets, strict=True):
            self._note(one, pair[:1])
        last = max(self._frames - 1, 0)
        for frame in range(last + 1):
            self.set(host_age=(last - frame) * FRAME, host_frame=min(frame, self._frames - 1))
            for number, (one, stage, pair) in enumerate(
                zip(self._passes, self._stages, targets, strict=True)
            ):
                self.set(host_pass=number, host_size=self._size(one, size) if pair else size)
                if pair and (frame, number) != (last, len(targets) - 1):
                    stage.bind(self._drawn)
                    pair[1].use()
                    pair[1].clear()
                    stage.array.render(vertices=CORNERS, first=corner)
                    pair.reverse()
                    self._note(one, pair[:1])
        self.set(host_size=size)

    def forget(self) -> None:
        """Let go of what was drawn before the picture."""
        self._drawn.clear()

    def _size(self, one: Pass, size: tuple[int, int]) -> tuple[int, int]:
        return one.size(*size, self._numbers)

    def _open(self, one: Pass, size: tuple[int, int]) -> "moderngl.Framebuffer":
        """Return an empty target; a program that discards pixels leaves them empty."""
        kind = "f4" if one.deep else "f1"
        target = self._context.framebuffer(
            [self._context.texture(self._size(one, size), 4, dtype=kind) for _ in one.fills]
        )
        target.clear()
        return target

    def _note(self, one: Pass, targets: "Sequence[moderngl.Framebuffer]") -> None:
        """Let programs read what a pass drew, if it draws more than the picture."""
        for target in targets:
            textures = cast("tuple[moderngl.Texture, ...]", target.color_attachments)
            self._drawn |= dict(zip(one.fills, textures, strict=True))
