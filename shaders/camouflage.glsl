// SPDX-License-Identifier: Apache-2.0
// kind: noise
// Camouflage: patches of a few flat colours, each layer with blotches of its own over the one below.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 colour = palette(r.w, r) * 0.45 + 0.3;
  vec2 stretch = vec2(1.0, 1.0 + 1.2 * r.y);
  for (int k = 0; k < 4; k++) {
    vec2 q = (1.0 + 1.1 * r.x + 0.25 * float(k)) * stretch * p + 60.0 * more(r, k + 5).xy + 0.04 * t;
    float blotch = noise(q) + 0.45 * noise(2.2 * q + 5.0) + 0.12 * noise(6.0 * q);
    vec3 dye = palette(r.w + 0.16 * float(k + 1), r) * (0.35 + 0.2 * float(k)) + 0.1;
    colour = mix(colour, dye, smoothstep(-0.02, 0.02, blotch - 0.18 - 0.15 * r.z));
  }
  return colour;
}
