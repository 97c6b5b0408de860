// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// Dried mud: plates parted by wide cracks, and finer cracks within each plate that reach less deep.
#include "lib/cells.glsl"
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (1.1 + 1.5 * r.x) * p + 200.0 * r.yz;
  q += 0.1 * vec2(noise(4.0 * q), noise(4.0 * q + 50.0));
  Cells plate = cells(q, 1.0 + 0.15 * t), bit = cells(2.6 * q + 40.0, 2.0);
  float wide = wall(q, 1.0 + 0.15 * t, plate), fine = 0.5 * (bit.second - bit.near);
  float height = smoothstep(0.0, 0.05 + 0.08 * r.w, wide) * (0.65 + 0.35 * smoothstep(0.0, 0.1, fine));
  float curl = 0.85 + 0.35 * dot(plate.offset, vec2(-0.5, 0.6));  // dry plates turn up at their rims
  vec3 mud = palette(r.w + 0.12 * hash2(plate.id).x, r) * 0.45 + vec3(0.3, 0.25, 0.2);
  return mud * height * curl * (0.95 + 0.12 * noise(9.0 * q));
}
