// SPDX-License-Identifier: Apache-2.0
// kind: light
// A soap film that drains: bands of interference colours, thinner toward the top, stirred by slow whirls.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, 0.8 * (r.x - 0.5));
  for (int k = 1; k < 4; k++) {
    vec3 n = noise_slope((0.5 + 0.5 * float(k)) * q + 70.0 * r.yz + 13.0 * float(k) + 0.06 * t);
    q += (0.12 + 0.3 * r.w) / float(k) * vec2(n.z, -n.y);
  }
  float thickness = (2.2 + 2.5 * r.y) * (1.15 - q.y) + 0.9 * noise(1.4 * q + 20.0) + 2.5 * r.z;
  vec3 colours = film(thickness) * exp(-0.05 * thickness);
  float glare = exp(-5.0 * length((p - 1.1 * (r.zw - 0.5)) * vec2(1.0, 0.5)));
  return 0.06 + 0.82 * colours * mix(vec3(1.0), ramp(0.9, r), 0.6) + 0.2 * glare;
}
