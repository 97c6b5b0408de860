// SPDX-License-Identifier: Apache-2.0
// kind: rough
// Laser speckle: many plane waves of one length and random phases, the square of whose sum is the light.
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 408);
  float rate = 60.0 + 190.0 * h.x, spread = h.y < 0.5 ? 1.0 : 0.2 + 0.6 * h.y;
  vec2 sum = vec2(0.0);
  for (int k = 0; k < 14; k++) {
    vec4 g = more(r, 409 + k);
    vec2 way = polar(rate * sqrt(g.x), TAU * g.y) * vec2(1.0, spread);
    sum += polar(1.0, dot(way, turn(p, TAU * h.z)) + TAU * g.z + (g.w - 0.5) * t);
  }
  float light = dot(sum, sum) / 14.0;
  return vec3((1.0 - exp(-light * (0.6 + 0.8 * h.w))) * (0.7 + 0.28 * r.w));
}
