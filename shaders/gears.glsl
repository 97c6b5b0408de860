// SPDX-License-Identifier: Apache-2.0
// kind: shapes
// Gears: toothed wheels on two crossed lattices, neighbours turning against each other, teeth in gaps.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 0.9 + 1.2 * r.x, teeth = 4.0 * (2.0 + floor(3.0 * r.y));
  vec2 q = turn(scale * p, TAU * r.z) + 20.0 * r.zw;
  vec2 cell = floor(q), x = fract(q) - 0.5;
  bool odd = mod(cell.x + cell.y, 2.0) > 0.5;
  float spin = (odd ? -1.0 : 1.0) * 0.5 * t + (odd ? PI / teeth : 0.0);
  vec2 h = hash2(ivec2(cell));
  float angle = bearing(x) + spin, radius = length(x);
  float tooth = clamp(1.6 * cos(teeth * angle), -1.0, 1.0);
  float d = radius - 0.47 - 0.035 * tooth;
  float spokes = 3.0 + floor(4.0 * h.x);
  vec2 w = fold(turn(x, spin), spokes);
  float hole = length(w - polar(0.27, PI / spokes)) - 0.3 / spokes - 0.03 * h.y;
  d = max(max(d, -hole), 0.06 - radius);
  vec3 metal = palette(0.3 * h.y + (odd ? 0.15 : 0.0) + r.w, r) * 0.7 + 0.15;
  float brushed = 0.9 + 0.25 * cos(2.0 * bearing(x) + 1.0) - 0.1 * smoothstep(0.0, 0.05, abs(radius - 0.4));
  vec3 ground = ramp(0.08, r) * (1.0 - 0.5 * exp(-20.0 * max(d, 0.0))) + 0.03;
  return mix(ground, metal * brushed * (1.0 - 0.6 * smoothstep(-0.035, 0.0, d)),
      paint(d, 2.0 * scale * pixel));
}
