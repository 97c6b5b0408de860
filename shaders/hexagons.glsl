// SPDX-License-Identifier: Apache-2.0
// Hexagons: a honeycomb whose cells rise and sink in slow waves.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  const vec2 period = vec2(1.0, 1.7320508);
  float scale = 2.0 + 4.0 * r.x;
  vec2 q = turn(scale * p, PI * r.y) + 40.0 * r.zw;
  // Two rectangular lattices make the hexagonal one: the nearer centre wins.
  vec2 a = mod(q, period) - 0.5 * period;
  vec2 b = mod(q - 0.5 * period, period) - 0.5 * period;
  vec2 x = dot(a, a) < dot(b, b) ? a : b;
  vec2 centre = q - x;
  float wave = 0.5 + 0.5 * sin(0.9 * centre.x + 1.3 * centre.y + t) * cos(0.8 * centre.y - centre.x * r.w);
  float grain = hash2(ivec2(round(2.0 * centre / period))).x;
  float edge = 0.5 - max(abs(x.x), dot(abs(x), vec2(0.5, 0.8660254)));  // distance to the cell's wall
  float lit = 1.0 + 0.5 * dot(normalize(x + 1e-5), vec2(-0.6, 0.8)) * smoothstep(0.2, 0.0, edge);
  vec3 cell = palette(0.5 * wave + 0.12 * grain + r.z, r) * (0.6 + 0.4 * wave) * lit;
  return cell * paint(0.03 - edge, scale * pixel);
}
