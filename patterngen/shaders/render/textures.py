"""The textures that programs read, our own: noise, organic, a cube, a volume, black. Runs in the child."""

import random
from typing import TYPE_CHECKING, Any

from patterngen.shaders.language.glsl import NOISE_SIZE, VOLUME_SIZE

if TYPE_CHECKING:
    from collections.abc import Collection

    import moderngl

_CORNERS = """#version 330 core
void main() { gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0, 0.0, 1.0); }
"""
_HEAD = """#version 330 core
uniform int face;
out vec4 colour;
float random(ivec3 p) {
  uint n = uint(p.x) * 73856093u ^ uint(p.y) * 19349663u ^ uint(p.z) * 83492791u;
  for (int i = 0; i < 3; i++) n = (n ^ (n >> 15u)) * 2654435761u;
  return float(n >> 8u) / 16777216.0;
}
// Value noise on a lattice that repeats after so many steps.
float lattice(vec3 p, int period) {
  ivec3 at = ivec3(floor(p));
  vec3 f = fract(p), w = f * f * (3.0 - 2.0 * f);
  float sum = 0.0;
  for (int i = 0; i < 8; i++) {
    ivec3 corner = ivec3(i & 1, (i >> 1) & 1, i >> 2);
    vec3 part = mix(1.0 - w, w, vec3(corner));
    sum += part.x * part.y * part.z * random((at + corner + 64 * period) % period);
  }
  return sum;
}
float octaves(vec3 p, int period) {
  float sum = 0.0, weight = 0.5;
  for (int i = 0; i < 6; i++, weight *= 0.5, p *= 2.0, period *= 2) sum += weight * lattice(p, period);
  return sum;
}
"""
_ORGANIC = f"""{_HEAD}
// Warped patches of earthen colours with fine grain, which repeat at the edges.
void main() {{
  vec3 p = vec3(gl_FragCoord.xy * 4.0 / {NOISE_SIZE}.0, 0.5);
  vec3 bend = vec3(octaves(p, 4), octaves(p + vec3(0, 0, 2), 4), 0.0);
  float patch_ = octaves(p + 2.0 * bend, 4), grain = octaves(p * 8.0 + vec3(0, 0, 1), 32);
  vec3 hue = 0.5 + 0.4 * cos(9.0 * patch_ + vec3(0.0, 0.7, 1.6));
  colour = vec4(clamp(hue * (0.5 + grain), 0.0, 1.0), 1.0);
}}
"""
_CUBE = f"""{_HEAD}
// A sky with clouds and a sun, over ground in squares.
void main() {{
  vec2 q = gl_FragCoord.xy * 2.0 / {NOISE_SIZE}.0 - 1.0;
  vec3 d = face == 0 ? vec3(1, -q.y, -q.x) : face == 1 ? vec3(-1, -q.y, q.x) : face == 2 ? vec3(q.x, 1, q.y)
    : face == 3 ? vec3(q.x, -1, -q.y) : face == 4 ? vec3(q.x, -q.y, 1) : vec3(-q.x, -q.y, -1);
  d = normalize(d);
  vec3 sky = mix(vec3(0.8, 0.85, 0.9), vec3(0.2, 0.4, 0.75), sqrt(max(d.y, 0.0)));
  sky = mix(sky, vec3(0.95), smoothstep(0.45, 0.7, octaves(4.0 * d + 8.0, 1 << 20)));
  sky += smoothstep(0.97, 0.99, dot(d, normalize(vec3(0.6, 0.5, 0.4))));
  vec2 floor_ = floor(2.0 * d.xz / max(-d.y, 0.05));
  vec3 ground = mix(vec3(0.25, 0.2, 0.15), vec3(0.5, 0.45, 0.35), mod(floor_.x + floor_.y, 2.0));
  ground = mix(vec3(0.5, 0.5, 0.48), ground, smoothstep(0.0, 0.3, -d.y));
  colour = vec4(clamp(d.y > 0.0 ? sky : ground, 0.0, 1.0), 1.0);
}}
"""


class Textures:
    """The textures of a context, each made when it is first asked for, and how they are read.

    Args:
        context: the open context.
    """

    def __init__(self, context: "moderngl.Context") -> None:
        self._context = context
        self._made: dict[str, Any] = {}
        self._samplers: dict[tuple[bool, str], moderngl.Sampler] = {}

    @classmethod
    def of(cls, context: "moderngl.Context") -> "Textures":
        """Return those of a context: one of each for all programs."""
        if context.extra is None:
            context.extra = cls(context)
        found: Textures = context.extra
        return found

    def get(self, name: str) -> Any:
        """Return a texture: noise, organic, cube, volume or black."""
        if name not in self._made:
            texture = getattr(self, f"_{name}")()
            if name != "black":
                texture.build_mipmaps()
            self._made[name] = texture
        return self._made[name]

    def sampler(self, options: "Collection[str]", *, ours: bool) -> "moderngl.Sampler":
        """Return how a texture is read.

        Args:
            options: ``nearest``, ``linear`` or ``mipmap``; ``repeat`` or ``clamp``.
            ours: whether it is one of these, which unless said otherwise repeat and are smoothed where they
                are seen small; what a pass drew ends at its edges.
        """
        context = self._context
        repeats = "repeat" in options or (ours and "clamp" not in options)
        filters = [word for word in ("nearest", "linear", "mipmap") if word in options]
        chosen = filters[0] if filters else "mipmap" if ours else "linear"
        if (repeats, chosen) not in self._samplers:
            self._samplers[repeats, chosen] = context.sampler(
                repeat_x=repeats,
                repeat_y=repeats,
                repeat_z=repeats,
                filter={
                    "nearest": (context.NEAREST, context.NEAREST),
                    "linear": (context.LINEAR, context.LINEAR),
                    "mipmap": (context.LINEAR_MIPMAP_LINEAR, context.LINEAR),
                }[chosen],
            )
        return self._samplers[repeats, chosen]

    def _black(self) -> "moderngl.Texture":
        return self._context.texture((1, 1), 4, bytes(4))

    def _noise(self) -> "moderngl.Texture":
        noise = random.Random(0).randbytes(4 * NOISE_SIZE**2)  # noqa: S311 – nothing is to be kept secret
        return self._context.texture((NOISE_SIZE, NOISE_SIZE), 4, noise)

    def _volume(self) -> "moderngl.Texture3D":
        noise = random.Random(1).randbytes(4 * VOLUME_SIZE**3)  # noqa: S311 – likewise
        return self._context.texture3d((VOLUME_SIZE,) * 3, 4, noise)

    def _organic(self) -> "moderngl.Texture":
        return self._context.texture((NOISE_SIZE, NOISE_SIZE), 4, self._drawn(_ORGANIC, 1))

    def _cube(self) -> "moderngl.TextureCube":
        return self._context.texture_cube((NOISE_SIZE, NOISE_SIZE), 4, self._drawn(_CUBE, 6))

    def _drawn(self, fragment: str, faces: int) -> bytes:
        """Draw what is no noise; return its bytes, RGBA, one face after the other."""
        context = self._context
        program = context.program(vertex_shader=_CORNERS, fragment_shader=fragment)
        array = context.vertex_array(program, [])
        target = context.framebuffer([context.texture((NOISE_SIZE, NOISE_SIZE), 4)])
        target.use()
        found = []
        for face in range(faces):
            if "face" in program:
                program["face"] = face
            array.render(mode=context.TRIANGLES, vertices=3)
            found.append(target.read(components=4))
        return b"".join(found)
