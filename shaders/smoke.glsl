// SPDX-License-Identifier: Apache-2.0
// kind: noise
// Smoke: noise carried round and round by the swirls of coarser noise, so that it draws out into wisps.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (0.9 + 0.8 * r.x) * p + 150.0 * r.yz, x = q;
  for (int i = 0; i < 4; i++) {
    vec3 n = noise_slope((1.0 + 0.35 * float(i)) * x + 7.0 * float(i) + 0.05 * t);
    x += (0.16 + 0.16 * r.w) * vec2(-n.z, n.y);  // across the slope: what flows has no sources
  }
  float wisp = smoothstep(-0.45, 0.7, noise(1.6 * x) + 0.4 * noise(3.7 * x));
  return ramp(wisp * (0.8 - 0.25 * p.y), r) + 0.12 * wisp * palette(length(x - q), r);
}
