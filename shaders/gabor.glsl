// SPDX-License-Identifier: Apache-2.0
// kind: noise
// Gabor noise: short wave packets strewn at random, of about one direction and length (Lagae et al., 2009).
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (2.0 + 2.0 * r.x) * p + 100.0 * r.zw;
  ivec2 home = ivec2(floor(q));
  float sum = 0.0;
  for (int j = -1; j <= 1; j++) {
    for (int i = -1; i <= 1; i++) {
      ivec2 cell = home + ivec2(i, j);
      for (int k = 0; k < 2; k++) {
        vec3 h = hash3(cell, k);
        vec2 offset = q - vec2(cell) - h.xy;
        float reach = max(1.0 - dot(offset, offset), 0.0);
        float angle = TAU * r.y + (0.2 + 2.5 * r.z) * (h.z - 0.5);
        sum += reach * reach
            * cos((5.0 + 8.0 * r.w) * dot(offset, vec2(cos(angle), sin(angle))) + TAU * h.z + t);
      }
    }
  }
  return palette(0.22 * sum + r.w, r) * (0.7 + 0.25 * sum);
}
