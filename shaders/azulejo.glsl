// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// Painted tiles: one motif of curves and petals with the mirrors of a square, in glaze on white.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 0.7 + 0.9 * r.x;
  vec2 q = turn(scale * p, 0.25 * PI * floor(2.0 * r.y)) + 0.5 * floor(2.0 * r.zw);
  vec2 cell = floor(q), x = abs(fract(q) - 0.5);
  if (x.y > x.x) x = x.yx;  // one eighth of the tile is left
  float d = 9.0, dots = 9.0;
  for (int k = 0; k < 3; k++) {
    vec4 h = more(r, k + 1);
    vec2 centre = 0.5 * vec2(max(h.x, h.y), min(h.x, h.y));
    float size = 0.08 + 0.16 * h.z + 0.01 * sin(t + TAU * h.w);
    d = min(d, abs(length(x - centre) - size) - 0.022);
    dots = min(dots, length(x - centre) - 0.4 * size);
  }
  float petal = length(vec2(x.x - 0.24, x.y * 2.6)) - 0.17, border = abs(0.5 - x.x - 0.035) - 0.012;
  float soft = 2.0 * scale * pixel;
  vec3 glaze = ink(0.04, r);
  glaze = mix(glaze, palette(r.w + 0.5, r) * 0.8, paint(petal, soft));
  glaze = mix(glaze, palette(r.w, r) * 0.55, paint(min(d, border), soft));
  glaze = mix(glaze, palette(r.w + 0.25, r) * 0.75, paint(dots, soft));
  float joint = 1.0 - smoothstep(0.488, 0.5, x.x);
  return glaze * (0.92 + 0.1 * hash2(ivec2(cell)).x) * (0.72 + 0.28 * joint)
      + 0.05 * exp(-9.0 * length(x - 0.3));
}
