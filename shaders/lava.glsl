// SPDX-License-Identifier: Apache-2.0
// kind: noise
// Lava: a dark crust that has broken, with what glows below showing in the rifts.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (0.9 + 0.9 * r.x) * p + 170.0 * r.yz;
  q += 0.35 * vec2(noise(1.3 * q + 3.0 + 0.05 * t), noise(1.3 * q + 41.0));
  float rift = 0.0, high = 0.6;
  for (int i = 0; i < 3; i++) {
    float crease = 1.0 - abs(noise(q + 0.03 * t));
    rift += high * crease * crease * crease;
    high *= 0.55;
    q = 2.1 * q.yx + 19.0;
  }
  float heat = smoothstep(0.5 + 0.15 * r.w, 1.3, rift);
  vec3 crust = palette(r.z, r) * 0.14 * (1.3 + noise(3.0 * q));
  return 0.02 + crust + glow(sqrt(heat), r) * 0.9;
}
