// SPDX-License-Identifier: Apache-2.0
// kind: light
// Colour mesh: a few soft lights of different hues that melt into each other; nothing else.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p + 0.2 * sin(2.0 * p.yx + TAU * r.xy + 0.3 * t);
  vec3 sum = vec3(0.0);
  float weights = 0.0;
  for (int k = 0; k < 6; k++) {
    vec4 h = more(r, k + 1);
    vec2 offset = q - 1.2 * (2.0 * h.xy - 1.0);
    float weight = exp(-(1.5 + 3.0 * h.z) * dot(offset, offset));
    sum += weight * palette(h.w, r);
    weights += weight;
  }
  return sum / (weights + 1e-4);
}
