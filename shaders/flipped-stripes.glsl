// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// Stripes of black and white that turn to their opposite inside a few discs and bars.
// colour: grey
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 241);
  float lines = 3.0 + 42.0 * h.x * h.x;
  float sign_here = square_wave(lines * turn(p, TAU * h.y).x + 0.3 * t, min(lines * pixel, 0.6));
  int count = 1 + int(5.0 * h.z);
  for (int k = 0; k < count; k++) {
    Place here = place(p, 0.15, 0.7, 242 + k, r);
    float d = more(r, 250 + k).x < 0.6 ? length(here.q) - 1.0 : box(here.q, vec2(1.0, 0.4));
    sign_here *= 2.0 * paint(d, here.grain) - 1.0;
  }
  return vec3(0.5 + 0.47 * sign_here);
}
