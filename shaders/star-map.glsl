// SPDX-License-Identifier: Apache-2.0
// kind: lines
// A star map: bright points in the dark, some of them joined by straight lines into figures.
// ground: black
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 style = more(r, 197);
  vec2 q = turn(p, 0.05 * t + TAU * style.x);
  int count = 7 + int(14.0 * style.y);
  float light = 0.0;
  vec2 last = vec2(9.0);
  for (int k = 0; k < count; k++) {
    vec4 h = more(r, 198 + k);
    vec2 star = 1.15 * (2.0 * h.xy - 1.0);
    float size = 0.012 + 0.05 * h.z * h.z * h.z;
    light += paint(length(q - star) - size, pixel) + 0.25 * exp(-length(q - star) / size);
    if (k > 0 && h.w < 0.5 + 0.4 * style.z)
      light = max(light, (0.35 + 0.5 * style.w) * paint(segment(q, last, star) - 0.007, pixel));
    last = star;
  }
  return vec3(light);
}
