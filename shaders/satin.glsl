// SPDX-License-Identifier: Apache-2.0
// kind: noise
// Satin: soft folds of a shining cloth, bright where the cloth lies across the light.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x) * (0.7 + 0.5 * r.y) + 90.0 * r.zw;
  vec3 broad = noise_slope(0.8 * q + 0.05 * t);
  vec3 folds = noise_slope(vec2(2.6, 0.7) * q + 1.3 * broad.x + 30.0);
  vec2 slope = 0.8 * broad.yz + 0.55 * folds.yz * vec2(2.6, 0.7);
  vec3 normal = normalize(vec3(-slope, 1.2));
  float across = normal.x * 0.8 + normal.y * 0.3;
  float sheen = exp(-7.0 * (across - 0.35) * (across - 0.35));
  return palette(r.z + 0.12 * across, r) * (0.25 + 0.5 * normal.z)
      + sheen * (0.25 + 0.3 * palette(r.z + 0.1, r));
}
