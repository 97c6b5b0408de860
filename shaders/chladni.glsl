// SPDX-License-Identifier: Apache-2.0
// kind: waves
// Chladni figures: sand on the resting lines of a vibrating plate (Chladni, 1787; modes after Ritz, 1909).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float m = 1.0 + floor(5.0 * r.x), n = m + 1.0 + floor(4.0 * r.y);
  vec2 q = 0.5 * PI * (turn(p, 0.25 * PI * floor(2.0 * r.z)) + 1.0);
  float mode = cos(n * q.x) * cos(m * q.y) + cos(t) * cos(m * q.x) * cos(n * q.y);
  float second = cos((n + 1.0) * q.x) * cos((n + 1.0) * q.y);
  float height = mode + 0.5 * r.w * second;
  float sand = exp(-22.0 * height * height);
  return mix(palette(0.16 * height + r.w, r) * 0.55, palette(r.w + 0.5, r) * 0.3 + 0.7, sand);
}
