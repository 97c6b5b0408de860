// SPDX-License-Identifier: Apache-2.0
// kind: light
// Caustics: light through a wavy surface, as bright as the area is small to which a patch is refracted.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (2.0 + 2.5 * r.x) * p;
  float xx = 0.0, xy = 0.0, yy = 0.0;  // second derivatives of the surface, a sum of plane waves
  for (int k = 0; k < 7; k++) {
    vec4 h = more(r, k + 2);
    float angle = TAU * h.x;
    vec2 wave = (0.8 + 1.6 * h.y) * vec2(cos(angle), sin(angle));
    float slope = sin(dot(wave, q) + TAU * h.z + t * length(wave)) * (0.25 + 0.2 * h.w);
    xx += wave.x * wave.x * slope;
    xy += wave.x * wave.y * slope;
    yy += wave.y * wave.y * slope;
  }
  float area = abs((1.0 + xx) * (1.0 + yy) - xy * xy);
  float light = 0.45 / (0.22 + area);
  return ramp(0.15 + 0.5 * light, r) + 0.12 * light * light;
}
