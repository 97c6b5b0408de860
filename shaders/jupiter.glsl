// SPDX-License-Identifier: Apache-2.0
// kind: flow
// A gas giant: belts and zones that shear along each other, with waves and ovals between them.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, 0.5 * (r.x - 0.5)) * (0.9 + 0.5 * r.y) + vec2(50.0 * r.z + 0.05 * t, 20.0 * r.w);
  float wind = line_noise(3.0 * q.y, 1) - 0.5;
  for (int i = 0; i < 3; i++) {
    float f = 1.3 + 1.5 * float(i);
    vec3 n = noise_slope(q * vec2(0.7, 1.6) * f + vec2(2.0 * wind, 0.0) + 9.0 * float(i));
    q += 0.16 / f * vec2(n.z * 1.6, -n.y * 0.7) * (0.6 + r.z);
  }
  vec2 oval = (p - vec2(1.2 * r.w - 0.6, 0.8 * r.z - 0.4)) * vec2(1.0, 1.8);
  float storm = exp(-9.0 * dot(oval, oval)), eye = sin(22.0 * length(oval) - 2.0 * bearing(oval));
  float belt = line_noise(5.0 * q.y, 2) * 0.65 + 0.35 * line_noise(13.0 * q.y, 3);
  belt += 0.08 * noise(q * vec2(3.0, 12.0)) + storm * (0.35 + 0.12 * eye);
  return scheme(0.5 * belt + 0.1 * q.y, r) * (0.62 + 0.5 * belt);
}
