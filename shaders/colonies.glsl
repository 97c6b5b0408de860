// SPDX-License-Identifier: Apache-2.0
// kind: reaction
// Colonies on a dish: each began at its own time, grew ring by ring and stopped where it met another.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p + 0.1 * vec2(noise(3.0 * p + 50.0 * r.xy), noise(3.0 * p + 80.0 * r.zw));
  float first = 9.0, second = 9.0, which = 0.0, begun = 0.0;
  vec2 to = vec2(0.0);
  for (int k = 0; k < 12; k++) {
    vec4 h = more(r, k + 1);
    vec2 offset = q - 1.15 * (2.0 * h.xy - 1.0);
    float arrive = length(offset) * (0.8 + 0.5 * h.w) + 0.5 * h.z;  // Johnson & Mehl, 1939
    second = arrive < first ? first : min(second, arrive);
    which = arrive < first ? h.w : which;
    begun = arrive < first ? h.z : begun;
    to = arrive < first ? offset : to;
    first = min(first, arrive);
  }
  float now = 0.55 + 0.05 * t, age = first - 0.5 * begun;
  float ring = 0.5 + 0.5 * cos((18.0 + 26.0 * r.x) * age + 3.0 * which);
  float lobes = 0.5 + 0.5 * cos((5.0 + floor(9.0 * which)) * bearing(to)) * smoothstep(0.0, 0.3, age);
  vec3 culture = palette(which + r.w + 0.15 * age, r) * (0.6 + 0.2 * ring + 0.2 * lobes * r.y);
  vec3 jelly = ramp(0.8, r) * (0.9 - 0.15 * length(p));
  float grown = smoothstep(0.0, 0.02, now - first) * smoothstep(0.0, 0.035, second - first);
  return mix(jelly, culture, grown) * (1.0 - 0.25 * exp(-40.0 * abs(now - first)));
}
