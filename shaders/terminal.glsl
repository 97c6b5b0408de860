// SPDX-License-Identifier: Apache-2.0
// kind: glyphs
// A screen of small signs of five by seven points in falling columns, the lowest brightest, on black.
// ground: black
#include "lib/hash.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 343);
  float columns = 8.0 + 38.0 * h.x;
  vec2 q = (p + 30.0 * r.xy) * 0.5 * columns * vec2(1.0, 0.75);
  ivec2 cell = ivec2(floor(q));
  vec3 column = hash3(ivec2(cell.x, 0), 1);
  float away = fract((float(cell.y) / (8.0 + 14.0 * column.y)) + column.x + (0.1 + 0.2 * column.z) * t);
  float fall = pow(1.0 - away, 1.0 + 4.0 * h.y) * step(column.z, 0.5 + 0.5 * h.z);
  ivec2 point = ivec2(fract(q) * vec2(7.0, 9.0));
  bool sign_here = point.x > 0 && point.x < 6 && point.y > 0 && point.y < 8;
  bool lit = hash3(cell * 64 + min(point, 3) + max(point - 3, 0) * 3, 5 + int(2.0 * t * column.z)).x < 0.5;
  vec3 colour = hsv(h.w, 0.85 * r.z, 1.0) + 0.6 * step(away, 0.06);
  return sign_here && lit ? min(colour, 1.0) * fall : vec3(0.0);
}
