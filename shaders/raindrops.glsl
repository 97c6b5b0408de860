// SPDX-License-Identifier: Apache-2.0
// kind: waves
// Rings on a pond: drops that fell at different moments, each a packet of waves running outward.
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 slope = vec2(0.0);
  for (int k = 0; k < 6; k++) {
    vec4 h = more(r, k + 1);
    vec2 offset = p - 1.1 * (2.0 * h.xy - 1.0);
    float distance = length(offset) + 1e-3;
    float front = 0.15 + 1.1 * fract(h.z + 0.1 * t);
    float packet = exp(-18.0 * (distance - front) * (distance - front)) / (0.6 + distance);
    slope += offset / distance * packet * cos((22.0 + 20.0 * r.x) * (distance - front));
  }
  vec3 normal = normalize(vec3(0.7 * slope, 1.0));
  float shine = pow(max(dot(normal, normalize(vec3(0.4, 0.5, 0.9))), 0.0), 12.0);
  return palette(0.35 * (p.y + 0.6 * slope.y) + r.w, r) * (0.45 + 0.5 * normal.z + 0.3 * slope.x)
      + 0.3 * shine;
}
