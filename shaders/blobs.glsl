// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// Soft cells: distances to all points near by blended, so that valleys and domes flow into each other.
#include "lib/cells.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (1.2 + 1.8 * r.x) * p + 180.0 * r.yz;
  ivec2 home = ivec2(floor(q));
  float sum = 0.0, tint = 0.0, sharp = 5.0 + 9.0 * r.w;
  for (int k = 0; k < 9; k++) {
    ivec2 id = home + ivec2(k % 3, k / 3) - 1;
    vec2 offset = site(id, 0.8 * t) - q;
    float weight = exp(-sharp * dot(offset, offset)) + 1e-6;
    sum += weight;
    tint += weight * hash2(id + 9).y;
  }
  float height = -log(sum) / sharp;  // a soft minimum of the squared distances
  return scheme(0.45 * tint / sum + r.z, r) * clamp(1.12 - 1.3 * height, 0.15, 1.2);
}
