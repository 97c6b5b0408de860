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
  // The centre of the wheel and the pen in it, each turned by a constant angle from point to point.
  vec2 centre = vec2(1.0 - pen, 0.0), arm = vec2(pen, 0.0), q = turn(here.q, 0.1 * t), last = centre + arm;
  mat2 forth = rotation(TAU * rounds / 120.0), back = rotation(-TAU * rounds * ratio / 120.0);
  for (int k = 0; k < 120; k++) {
    centre = forth * centre;
    arm = back * arm;
    d = min(d, segment(q, last, centre + arm));
    last = centre + arm;
  }
  return vec3((0.6 + 0.4 * r.x) * paint(d - 0.008 - 0.012 * h.w, here.grain));
}
