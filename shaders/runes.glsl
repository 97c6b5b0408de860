// SPDX-License-Identifier: Apache-2.0
// kind: glyphs
// Runes: signs of a few strokes between nine dots, in rows, pale on black.
// ground: black
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 style = more(r, 320);
  float scale = 2.0 + 9.0 * style.x, d = 9.0;
  vec2 q = scale * turn(p, style.y < 0.7 ? 0.0 : TAU * r.w) + 30.0 * r.xy + vec2(0.3 * t, 0.0);
  ivec2 cell = ivec2(floor(q));
  vec2 x = (fract(q) - 0.5) * 3.4;
  int strokes = 2 + int(4.0 * hash3(cell, 9).x);
  ivec2 from = ivec2(3.0 * hash3(cell, 10).xy) - 1;
  for (int k = 0; k < strokes; k++) {
    vec3 h = hash3(cell, k);
    ivec2 to = ivec2(3.0 * h.xy) - 1;
    if (to != from) d = min(d, segment(x, vec2(from), vec2(to)));
    from = h.z < 0.7 ? to : -to;
  }
  float light = hash3(cell, 11).z < 0.15 + 0.3 * style.z ? 0.0 : 1.0;
  return vec3((0.5 + 0.5 * r.z) * light * paint(d - 0.12 - 0.14 * style.w, 3.4 * scale * pixel));
}
