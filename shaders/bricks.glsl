// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// A wall of bricks in one of three bonds, worn at the edges, lit from the side.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 2.0 + 2.5 * r.x;
  vec2 q = scale * turn(p, 0.3 * (r.y - 0.5)) * vec2(1.0, 2.2) + 60.0 * r.zw;
  float row = floor(q.y);
  q.x += r.w < 0.4 ? 0.5 * mod(row, 2.0) : r.w < 0.7 ? 0.25 * row : hash2(ivec2(row, 9)).x;
  ivec2 id = ivec2(floor(q));
  vec2 own = hash2(id), x = (fract(q) - 0.5) * vec2(2.2, 1.0);
  float wear = 0.05 * noise(3.0 * q) + 0.02 * noise(9.0 * q);
  float d = box(x, vec2(1.0, 0.4) - 0.1) - 0.08 + wear;
  float angle = TAU * r.z + 0.1 * t, face = 1.0 - smoothstep(-0.14, 0.0, d);
  float light = 0.65 + 0.3 * face
      + 0.3 * (1.0 - face) * dot(normalize(x * vec2(0.4, 1.0) + 1e-4), polar(1.0, angle));
  vec3 clay = palette(r.z + 0.18 * own.x, r) * 0.55 + 0.14;
  clay *= light * (0.8 + 0.3 * own.y) * (1.0 + 0.2 * noise(5.0 * q + 40.0));
  return mix(clay, palette(r.z + 0.4, r) * 0.25 + 0.45 + wear, smoothstep(-0.02, 0.03, d));
}
