// SPDX-License-Identifier: Apache-2.0
// kind: kaleidoscope
// Lace: rings of looped thread about a centre, white or dyed, on a coloured cloth.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p * (0.85 + 0.5 * r.y);
  float d = 9.0;
  for (int k = 0; k < 5; k++) {
    vec4 h = more(r, k + 1);
    float n = (4.0 + floor(4.0 * r.x)) * (1.0 + float(k / 2)), at = 0.2 * float(k) + 0.14;
    vec2 w = fold(turn(q, TAU * h.w + (k % 2 == 0 ? 0.03 : -0.03) * t), n);
    float size = min((0.55 + 0.4 * h.x) * PI * at / n, 0.2);
    float loop = abs(length((w - vec2(at, 0.0)) * vec2(0.6 + 0.5 * h.y, 1.0)) - size);
    d = min(d, loop);
    d = min(d, abs(length(q) - at - 0.09));
    d = min(d, max(length(w - vec2(at, 0.0)) - 0.3 * size, 0.008));
  }
  float stitch = 0.85 + 0.15 * cos(90.0 * bearing(q)) * cos(70.0 * length(q));
  float thread = 1.0 - smoothstep(0.01, 0.02 + 1.5 * pixel, d);
  vec3 cloth = palette(r.z + 0.25 * length(p), r) * (0.4 - 0.12 * length(p)) * (1.0 - 0.4 * exp(-30.0 * d));
  return mix(cloth, ramp(0.95, r) * stitch, thread);
}
