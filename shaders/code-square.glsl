// SPDX-License-Identifier: Apache-2.0
// kind: glyphs
// A code of square modules, black or white by chance, with framed squares in three of its corners.
// ground: white
// colour: grey
#include "lib/place.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.45, 0.9, 332, r);
  vec4 h = more(r, 333);
  float side = 17.0 + 4.0 * floor(4.0 * h.x);
  vec2 q = (0.5 + 0.6 * here.q) * side;
  vec2 cell = floor(q);
  float dark = step(hash3(ivec2(cell), int(floor(0.5 * t) + 999.0 * h.y)).x, 0.35 + 0.3 * h.z);
  for (int k = 0; k < 3; k++) {
    vec2 corner = vec2(k == 1 ? side - 3.5 : 3.5, k == 2 ? side - 3.5 : 3.5), x = abs(q - corner);
    float away = max(x.x, x.y);
    if (away < 4.0) dark = away < 1.5 || (away > 2.5 && away < 3.5) ? 1.0 : 0.0;
  }
  bool outside = min(q.x, q.y) < 0.0 || max(q.x, q.y) > side;
  return vec3(outside || dark < 0.5 ? 1.0 : 0.25 * h.w);
}
