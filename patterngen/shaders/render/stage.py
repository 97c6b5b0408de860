"""A compiled text with what it draws at, and the textures that it reads. Runs in the child."""

from typing import TYPE_CHECKING, Any, cast

from patterngen.shaders.language.glsl import VERTEX
from patterngen.shaders.render.textures import Textures

if TYPE_CHECKING:
    from collections.abc import Mapping

    import moderngl


class Stage:
    """A fragment shader that the driver has compiled, its uniforms and textures.

    Args:
        context: the open context.
        fragment: its text.
        samplers: its textures, as `patterngen.shaders.language.translate.Fragment` has them.
        vertices: of the pictures.
    """

    def __init__(
        self,
        context: "moderngl.Context",
        fragment: str,
        samplers: "Mapping[str, str]",
        vertices: "moderngl.Buffer",
    ) -> None:
        self.program = context.program(vertex_shader=VERTEX, fragment_shader=fragment)
        self.array = context.vertex_array(
            self.program, [(vertices, "1f4 1f4 4f4", "tile", "time", "random")], skip_errors=True
        )
        self._textures = Textures.of(context)
        # A driver drops what a program has no use for: what is left is read. Textures of two kinds may not
        # share a unit, nor those that are read in two ways.
        used = {name: kind for name, kind in samplers.items() if name in self.program}
        self._units = {kind: unit for unit, kind in enumerate(dict.fromkeys(used.values()))}
        for name, kind in used.items():
            self.program[name] = self._units[kind]
            if not is_drawn(kind):
                self._textures.get(kind.partition(",")[0])  # made now, for that needs a target of its own

    @property
    def reads_what_is_drawn(self) -> bool:
        """Whether it reads what a program drew before."""
        return any(map(is_drawn, self._units))

    def set(self, **values: float | tuple[float, ...]) -> None:
        """Set those uniforms that the program has."""
        for name, value in values.items():
            if name in self.program:
                self.program[name] = value

    def bind(self, drawn: "Mapping[str, moderngl.Texture]") -> None:
        """Let the program read its textures.

        Args:
            drawn: what passes drew, by name.
        """
        for kind, unit in self._units.items():
            name, *options = kind.split(",")
            texture: Any = drawn.get(name) if is_drawn(kind) else self._textures.get(name)
            if texture is None:  # nothing is drawn yet
                texture = self._textures.get("black")
            elif is_drawn(kind) and "mipmap" in options:
                cast("moderngl.Texture", texture).build_mipmaps()
            texture.use(unit)
            self._textures.sampler(options, ours=not is_drawn(kind)).use(unit)


def is_drawn(kind: str) -> bool:
    """Whether a texture is what a program draws itself."""
    return kind.startswith(("back", "pass"))
