// SPDX-License-Identifier: Apache-2.0
// kind: reaction
// Turing patterns: spots or labyrinths, as random waves of one length with a threshold (Turing, 1952).
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p + 0.15 * vec2(noise(1.5 * p + 50.0 * r.xy), noise(1.5 * p + 50.0 * r.zw));
  float length_of_wave = 10.0 + 18.0 * r.x;
  float sum = 0.0;
  for (int k = 0; k < 9; k++) {
    vec4 h = more(r, k + 1);
    float angle = PI * (float(k) + h.x) / 9.0;
    sum += cos(length_of_wave * dot(q, vec2(cos(angle), sin(angle))) + TAU * h.y + 0.3 * t);
  }
  float skin = smoothstep(-0.7, 0.7, sum + 3.0 * (r.y - 0.5));
  return mix(palette(r.z, r) * 0.35, palette(r.z + 0.4 + 0.1 * p.y, r) * 0.5 + 0.45, skin);
}
