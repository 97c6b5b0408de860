// SPDX-License-Identifier: Apache-2.0
// kind: waves
// Plasma: a few broad sine waves of different directions, their sum walked through a palette.
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 q = more(r, 1);
  vec2 a = (2.0 + 4.0 * r.xy) * p;
  vec2 centre = q.xy * 2.0 - 1.0;
  float sum = sin(a.x + t) + sin(a.y - 0.7 * t) + sin(0.7 * (a.x + a.y) + 6.28 * r.z);
  sum += sin((3.0 + 6.0 * r.w) * length(p - centre) - t);
  return palette(0.14 * sum + q.z, r);
}
