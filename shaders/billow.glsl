// SPDX-License-Identifier: Apache-2.0
// kind: noise
// Billows: noise folded at zero and turned over, which swells into rounded puffs with sharp seams.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (0.8 + 1.0 * r.x) * turn(p, TAU * r.w) + 140.0 * r.yz;
  float puff = 0.0, high = 0.62;
  for (int i = 0; i < 4; i++) {
    vec2 drift = 0.03 * t * vec2(1.0, float(i));
    puff += high * abs(noise(q + drift));
    high *= 0.45;
    q = mat2(1.5, 1.1, -1.1, 1.5) * q + 9.1;
  }
  float light = smoothstep(0.05, 0.55, puff);
  return mix(palette(r.y + 0.5, r) * 0.25, palette(r.z + 0.6 * puff, r) * 0.4 + 0.55, light)
      * (0.95 + 0.1 * p.y);
}
