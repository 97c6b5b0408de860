// SPDX-License-Identifier: Apache-2.0
// kind: rough
// Salt and pepper: a soft grey ground in which points are missing, black or white, here more and there fewer.
// colour: grey
#include "lib/noise.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 604);
  float scale = 40.0 + 88.0 * h.x;
  vec3 own = hash3(ivec2(floor(scale * p + 500.0)), int(5.0 * t));
  float soft = 0.5 + 0.6 * fbm((0.6 + 2.0 * h.y) * p + 50.0 * r.xy + 0.1 * t, 3);
  float share = (0.1 + 0.5 * h.z) * (0.5 + fbm(1.2 * p + 50.0 * r.zw, 2) + 0.5 * h.w);
  float grey = own.x < share ? (own.y < 0.5 ? 0.02 : 0.98) : soft;
  return vec3(clamp(grey, 0.02, 0.98));
}
