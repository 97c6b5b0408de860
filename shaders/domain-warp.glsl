// SPDX-License-Identifier: Apache-2.0
// kind: noise
// Domain warping: noise looked up at a place that noise has moved (form: Quilez, 'Domain warping', 2002).
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (0.7 + 0.9 * r.x) * p + 200.0 * r.yz;
  vec2 bend = vec2(fbm(q + 0.05 * t, 2), fbm(q + vec2(5.2, 1.3) - 0.05 * t, 2));
  float height = fbm(q + (1.5 + 1.5 * r.w) * bend, 3);
  return palette(0.8 * height + 0.4 * length(bend), r) * (0.85 + 0.7 * height);
}
