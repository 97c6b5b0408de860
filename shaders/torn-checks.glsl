// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// Squares within squares: some cells are cut in four, again and again, and each is black or white.
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 260);
  vec2 q = (1.0 + 1.5 * h.x) * turn(p, h.y < 0.5 ? 0.0 : TAU * h.z) + 40.0 * r.xy + 0.05 * t;
  vec3 own = vec3(0.0);
  for (int level = 0; level < 6; level++) {
    own = hash3(ivec2(floor(q)), level);
    if (own.x > 0.35 + 0.45 * h.w) break;
    q *= 2.0;
  }
  return vec3(own.y < 0.5 ? 0.03 : 0.97);
}
