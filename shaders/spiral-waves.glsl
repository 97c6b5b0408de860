// SPDX-License-Identifier: Apache-2.0
// kind: reaction
// Spiral waves of the Belousov–Zhabotinsky reaction, which end where they meet (Winfree, 1972).
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p + 0.06 * vec2(noise(2.0 * p + 30.0 * r.xy), noise(2.0 * p + 90.0 * r.zw));
  float spacing = 5.0 + 6.0 * r.x, first = 9.0, phase = 0.0;
  for (int k = 0; k < 7; k++) {
    vec4 h = more(r, k + 1);
    vec2 offset = q - 1.2 * (2.0 * h.xy - 1.0);
    float arrive = length(offset) + 0.15 * h.z;  // what comes first holds the ground
    float spin = h.w < r.y ? 0.0 : h.w < 0.5 + 0.5 * r.y ? 1.0 : -1.0;  // rings, or spirals of two hands
    phase = arrive < first ? spacing * arrive + spin * bearing(offset) / TAU + h.z : phase;
    first = min(first, arrive);
  }
  float wave = fract(phase - 0.3 * t);
  float front = smoothstep(0.0, 0.1, wave) * exp(-3.5 * wave);  // a steep front and a slow recovery
  return scheme(0.55 * front + r.w, r) * (0.45 + 0.8 * front);
}
