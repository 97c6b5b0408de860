// SPDX-License-Identifier: Apache-2.0
// kind: figures
// A splinter with facets: a convex outline of random half-planes, each facet lit by its own grey.
// ground: black
// colour: grey
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.4, 0.95, 122, r);
  vec4 shape = more(r, 123);
  vec2 q = here.q * vec2(1.0, 1.0 + 1.2 * shape.x);
  int sides = 4 + int(6.0 * shape.y);
  float d = -9.0, light = 0.0;
  for (int k = 0; k < sides; k++) {
    vec4 h = more(r, 124 + k);
    float angle = TAU * (float(k) + 0.8 * (h.x - 0.5)) / float(sides);
    float side = dot(q, polar(1.0, angle)) - 0.4 - 0.5 * h.y;
    float facing_lamp = 0.5 + 0.5 * cos(angle + 0.4 * t + TAU * shape.z);
    if (side > d) light = 0.12 + 0.88 * pow(facing_lamp, 1.0 + 2.0 * h.w);
    d = max(d, side);
  }
  return vec3(light * paint(d, here.grain));
}
