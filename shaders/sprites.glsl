// SPDX-License-Identifier: Apache-2.0
// kind: glyphs
// Sprites: small figures of square points, alike left and right, each in one colour, on black.
// ground: black
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 344);
  float scale = 0.7 + 3.0 * h.x * h.x, side = 7.0 + 2.0 * floor(3.0 * h.y);
  vec2 q = scale * turn(p, 0.5 * PI * floor(4.0 * r.w)) + 40.0 * r.xy + vec2(0.08 * t, 0.0);
  ivec2 cell = ivec2(floor(q));
  vec2 point = floor(fract(q) * (side + 4.0)) - 2.0;
  bool inside = min(point.x, point.y) > -0.5 && max(point.x, point.y) < side - 0.5;
  float middle = 0.5 * (side - 1.0);
  ivec2 half_point = ivec2(abs(point.x - middle), point.y);
  float away = length(point - middle) / middle;
  bool lit = hash3(cell * 32 + half_point, 1 + int(t)).x < 0.85 - 0.45 * away;
  vec3 own = hash3(cell, 77);
  vec3 colour = hsv(h.z + own.x * h.w, 0.85 * r.z, 0.6 + 0.4 * own.y);
  return inside && lit && own.z < 0.85 ? colour : vec3(0.0);
}
