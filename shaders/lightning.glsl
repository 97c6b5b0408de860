// SPDX-License-Identifier: Apache-2.0
// kind: light
// Lightning: a few forked bolts whose paths waver at every scale, in a bruised sky.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

float bolt(vec2 p, float where, int line, float rough) {
  float bend = (line_noise(2.0 * p.y, line) - 0.5) + 0.5 * (line_noise(5.0 * p.y, line + 1) - 0.5);
  bend += 0.25 * (line_noise(12.0 * p.y, line + 2) - 0.5) + 0.12 * (line_noise(29.0 * p.y, line + 3) - 0.5);
  return abs(p.x - where - rough * bend);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, 0.6 * (r.x - 0.5)) + vec2(0.0, 40.0 * r.y + 0.5 * floor(4.0 * t));
  float cloud = fbm(1.2 * p + 50.0 * r.zw, 3), light = 0.0, flash = 0.0;
  for (int k = 0; k < 3; k++) {
    vec4 h = more(r, k + 1);
    float from = 1.3 * (h.x - 0.5), split = 0.8 * h.y - 0.2, side = h.z < 0.5 ? -1.0 : 1.0;
    float stem = bolt(q, from, 11 * k, 0.7);
    float fork = bolt(q, from + side * 0.55 * max(split - p.y, 0.0), p.y < split ? 11 * k + 5 : 11 * k, 0.7);
    float strength = 0.35 + 0.65 * h.w;
    light += strength * (0.010 / (0.007 + stem) + 0.5 * step(p.y, split) * 0.008 / (0.007 + fork));
    flash += strength * exp(-2.5 * abs(p.x - from));
  }
  vec3 sky = ramp(0.12 + 0.13 * cloud + 0.12 * flash, r);
  return sky + (1.0 - exp(-light)) * (0.55 + 0.4 * palette(r.w, r)) * (0.8 + 0.2 * flash);
}
