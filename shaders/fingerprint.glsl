// SPDX-License-Identifier: Apache-2.0
// kind: reaction
// Fingerprints: ridges of one spacing round loops, whorls and deltas, where their angle has half a turn.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x) + 0.6 * (r.zw - 0.5)
      + 0.07 * vec2(noise(3.0 * p + 20.0 * r.yz), noise(3.0 * p + 60.0));
  float phase = (38.0 + 26.0 * r.y) * (0.7 * length(q - vec2(0.15, 0.0)) + 0.3 * q.x * q.x - 0.25 * q.y);
  for (int k = 0; k < 6; k++) {
    vec4 h = more(r, k + 1);
    float winds = h.z < 0.5 ? 1.0 : -1.0;  // a ridge more on one side of each point: it ends or forks there
    phase += winds * bearing(q - 1.1 * (2.0 * h.xy - 1.0));
  }
  float ridge = sin(phase + 0.5 * t) + 0.3 * noise(16.0 * q + 9.0);
  float print = smoothstep(-0.5, 0.5, ridge)
      * (1.0 - smoothstep(0.8, 1.35, length(p * vec2(1.1, 0.9)) + 0.35 * noise(2.0 * p)));
  return ink(0.08 + (0.6 + 0.35 * r.w) * print, r) * (1.0 - 0.06 * noise(8.0 * p));
}
