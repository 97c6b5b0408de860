// SPDX-License-Identifier: Apache-2.0
// kind: flow
// Flow: noise smeared along the streamlines of a swirling field (Cabral & Leedom, 1993).
#include "lib/palette.glsl"
#include "lib/stream.glsl"

// Without sources: the gradient of a potential of sines, turned by a right angle.
vec2 flow(vec2 p, float t, vec4 r) {
  vec2 a = (1.5 + 2.5 * r.xy) * p + 6.28 * r.zw + 0.1 * t;
  return vec2(cos(a.y) * 1.2 + 0.5 * sin(0.7 * a.x), sin(a.x) + 0.4 * cos(1.3 * a.y));
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 direction = way(p, t, r);
  float grain = smear(p, 14.0, 0.035, 5, t, r);
  return palette(0.22 * direction.x + 0.15 * direction.y + r.z, r) * (0.75 + 0.35 * grain);
}
