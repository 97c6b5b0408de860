// SPDX-License-Identifier: Apache-2.0
// kind: rough
// Static: a screen without a station, a random grey at each of many small points, in bands.
// colour: grey
#include "lib/noise.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 400);
  float scale = 50.0 + 78.0 * h.x;
  vec2 q = scale * p * vec2(1.0, 1.0 - 0.7 * h.y * h.y) + 300.0 * r.xy;
  vec3 own = hash3(ivec2(floor(q)), int(8.0 * t));
  float band = 0.5 + 0.5 * sin((1.0 + 5.0 * h.z) * p.y + 3.0 * line_noise(3.0 * p.y, int(999.0 * r.z)) + t);
  float grey = own.x < 0.5 * h.w ? step(0.5, own.y) : own.y;
  return vec3(mix(0.5, grey, 0.45 + 0.5 * r.w) * (0.35 + 0.65 * mix(1.0, band, r.z)));
}
