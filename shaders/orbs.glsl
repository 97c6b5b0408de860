// SPDX-License-Identifier: Apache-2.0
// kind: glows
// Orbs: a few balls of light of several colours and sizes that fade into the dark.
// ground: black
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 style = more(r, 490);
  int count = 1 + int(6.0 * style.x);
  vec3 light = vec3(0.0);
  for (int k = 0; k < count; k++) {
    vec4 h = more(r, 491 + k);
    vec2 x = p - 0.9 * (2.0 * h.xy - 1.0) - 0.1 * sin(0.6 * t + 6.28 * h.zw);
    float size = 0.06 + 0.14 * h.z, d = length(x) / size;
    vec3 colour = hsv(style.y + 0.4 * style.z * h.w, style.w, 1.0);
    light += (0.3 + 0.7 * colour) * exp(-d * d) + colour * exp(-1.5 * d) * (0.5 + 0.5 * h.w);
  }
  return 1.0 - exp(-1.6 * light);
}
