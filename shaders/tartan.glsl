// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Tartan: one sequence of coloured bands for warp and weft, crossed in a twill.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, 0.785398 * floor(3.0 * r.x) + 0.15 * (r.y - 0.5)) * (0.8 + 1.0 * r.z) + 0.03 * t;
  vec3 cloth[2];
  for (int k = 0; k < 2; k++) {
    float x = zigzag(k == 0 ? q.x : q.y) * 5.0;  // mirrored, as setts are
    vec3 dye = palette(r.w, r) * 0.4;
    for (int i = 0; i < 5; i++) {
      vec4 h = more(r, i + 1);
      float half_width = i < 2 ? 0.5 + 0.5 * h.z : 0.05 + 0.2 * h.z * h.z;
      float band = paint(abs(x - 5.0 * h.x) - half_width, 0.05);
      dye = mix(dye, palette(r.w + 0.22 * float(i + 1), r) * (0.35 + 0.75 * h.w), band);
    }
    cloth[k] = dye;
  }
  float fine = 60.0 / (0.8 + r.z), twill = 0.5
      + 0.5 * sin(fine * (q.x + q.y)) * (1.0 - smoothstep(0.5, 1.6, 2.0 * fine * pixel));
  return mix(cloth[0], cloth[1], mix(0.5, twill, 0.55)) * (0.95 + 0.12 * twill);
}
