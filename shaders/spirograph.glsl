// SPDX-License-Identifier: Apache-2.0
// kind: lines
// A spirograph: the path of a pen in a wheel that rolls inside a ring, one thin white line.
// ground: black
// colour: grey
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.5, 0.95, 192, r);
  vec4 h = more(r, 193);
  float rounds = 2.0 + floor(3.0 * h.x), lobes = rounds + 1.0 + 2.0 * floor(4.0 * h.y);
  float ratio = lobes / rounds - 1.0, pen = 0.25 + 0.5 * h.z, d = 9.0;
  vec2 last = vec2(1.0 - pen + pen, 0.0);
  for (int k = 1; k <= 130; k++) {
    float s = TAU * rounds * float(k) / 130.0;
    vec2 next = polar(1.0 - pen, s) + polar(pen, -ratio * s);
    d = min(d, segment(turn(here.q, 0.1 * t), last, next));
    last = next;
  }
  return vec3((0.6 + 0.4 * r.x) * paint(d - 0.008 - 0.012 * h.w, here.grain));
}
