// SPDX-License-Identifier: Apache-2.0
// kind: waves
// Quasicrystal: waves in four to eight directions, in order yet never repeating (Shechtman et al., 1984).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  int directions = 4 + int(5.0 * r.x);
  float frequency = 12.0 + 24.0 * r.y;
  vec2 q = p + 3.0 * (r.zw - 0.5);
  float sum = 0.0;
  for (int k = 0; k < directions; k++) {
    float angle = PI * float(k) / float(directions);
    sum += cos(frequency * dot(q, vec2(cos(angle), sin(angle))) + 0.3 * t);
  }
  float level = 0.5 + 0.5 * cos(PI * sum * (0.35 + 0.3 * r.z));
  return palette(0.5 * level + r.w, r) * (0.45 + 0.6 * level);
}
