// SPDX-License-Identifier: Apache-2.0
// Flow: noise smeared along the streamlines of a swirling field (Cabral & Leedom, Line integral convolution, 1993).
#include "lib/noise.glsl"
#include "lib/palette.glsl"

// A field without sources: the gradient of a potential of sines, turned by a right angle.
vec2 field(vec2 p, vec4 r, float t) {
  vec2 a = (1.5 + 2.5 * r.xy) * p + 6.28 * r.zw + 0.1 * t;
  return normalize(vec2(cos(a.y) * 1.2 + 0.5 * sin(0.7 * a.x), sin(a.x) + 0.4 * cos(1.3 * a.y)) + 1e-4);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 forward = p, backward = p;
  float sum = noise(14.0 * p + 90.0 * r.xy);
  for (int i = 0; i < 5; i++) {
    forward += 0.035 * field(forward, r, t);
    backward -= 0.035 * field(backward, r, t);
    sum += noise(14.0 * forward + 90.0 * r.xy) + noise(14.0 * backward + 90.0 * r.xy);
  }
  vec2 way = field(p, r, t);
  return palette(0.22 * way.x + 0.15 * way.y + r.z, r) * (0.75 + 0.17 * sum);
}
