// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// Upright bars of random heights, white below and black above, or hanging from the other side as well.
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 313);
  float bars = 2.0 + 30.0 * h.x * h.x;
  vec2 q = turn(p, 0.5 * PI * floor(4.0 * h.y) + (h.z < 0.3 ? 0.6 * (r.x - 0.5) : 0.0));
  float slot = bars * q.x + 200.0 * r.y;
  vec2 own = hash2(ivec2(int(floor(slot)), 5));
  vec2 level = 0.9 * (1.9 * own - 0.8) * (0.4 + 0.6 * h.w) + 0.1 * sin(0.6 * t + TAU * own.yx);
  bool below = q.y < level.x, about = abs(q.y - 0.3 * (r.w - 0.5)) < abs(level.x);
  bool white = r.z < 0.4 ? below : r.z < 0.7 ? about : below == (q.y < level.y);
  return vec3(white && abs(fract(slot) - 0.5) < (r.w < 0.5 ? 0.5 : 0.4) ? 0.97 : 0.03);
}
