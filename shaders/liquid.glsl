// SPDX-License-Identifier: Apache-2.0
// kind: noise
// Liquid colour: a place pushed by sines of itself again and again, each push finer and weaker.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (0.8 + 0.9 * r.x) * p;
  for (int k = 1; k < 6; k++) {
    float f = 0.7 + 0.75 * float(k);
    q += (0.45 + 0.3 * r.y) / f * sin(f * q.yx * vec2(1.0, 1.1) + TAU * more(r, k).xy + 0.25 * t);
  }
  float sheen = 0.5 + 0.5 * sin(3.0 * q.x + 2.0 * q.y + TAU * r.z);
  return scheme(0.25 * q.x + 0.18 * q.y + r.w, r) * (0.7 + 0.35 * sheen);
}
