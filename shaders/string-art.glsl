// SPDX-License-Identifier: Apache-2.0
// kind: lines
// String art: straight threads between nails on two rails, whose envelope is a curve.
// ground: black
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.6, 1.1, 231, r);
  vec4 h = more(r, 232);
  int threads = 12 + int(22.0 * h.x);
  float times_round = 2.0 + floor(4.0 * h.y), light = 0.0;
  vec2 a = vec2(-0.9, 0.9 - 1.4 * h.z), b = vec2(0.9 - 1.2 * h.w, -0.9), c = vec2(0.9, 0.8);
  for (int k = 0; k < threads; k++) {
    float s = (float(k) + 0.1 * t) / float(threads);
    vec2 from = h.z < 0.5 ? polar(0.95, TAU * s) : mix(a, b, s);
    vec2 to = h.z < 0.5 ? polar(0.95, TAU * s * times_round + 1.0) : mix(b, c, s);
    light += paint(segment(here.q, from, to + 1e-3) - 0.004, here.grain);
  }
  return hsv(r.x, 0.8 * r.y, 1.0) * min(0.75 * light, 1.0);
}
