// SPDX-License-Identifier: Apache-2.0
// kind: noise
// Ridged multifractal: noise folded at zero, so that creases run like mountain crests (Musgrave, 1994).
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (0.8 + 1.2 * r.x) * p + 200.0 * r.yz + 0.05 * t;
  float sum = 0.0, height = 0.5, weight = 1.0;
  for (int i = 0; i < 5; i++) {
    float crest = 1.0 - abs(noise(q));
    crest *= crest * weight;
    weight = clamp(crest * 2.0, 0.0, 1.0);
    sum += height * crest;
    height *= 0.5;
    q = mat2(1.6, 1.2, -1.2, 1.6) * q + 13.7;
  }
  return ramp(sum * sum * 1.3, r) * (0.8 + 0.3 * palette(0.6 * sum, r));
}
