// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// A spiral of one or more arms in black and white, about a point that may lie off the middle.
// colour: grey
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.6, 1.3, 310, r);
  vec4 h = more(r, 311);
  float radius = length(here.q), arms = (1.0 + floor(4.0 * h.x)) * (r.x < 0.5 ? -1.0 : 1.0);
  float tight = 2.0 + 9.0 * h.y, way = h.z < 0.5 ? tight * radius : 1.5 * arms + 2.5 * log(radius + 0.02);
  float steep = length(vec2(h.z < 0.5 ? tight : 2.5 / (radius + 0.02), arms / (PI * max(radius, 0.02))));
  float phase = way + arms * bearing(here.q) / PI - 0.5 * t;
  return vec3(0.5 + 0.47 * square_wave(phase, steep * here.grain));
}
