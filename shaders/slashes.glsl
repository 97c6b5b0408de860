// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// The plane cut by straight lines at random; each cut turns black to white and white to black.
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 style = more(r, 292);
  int cuts = 3 + int(12.0 * style.x);
  float side = 1.0;
  for (int k = 0; k < cuts; k++) {
    vec4 h = more(r, 293 + k);
    float angle = style.y < 0.4 ? PI * floor(4.0 * h.x) / 4.0 : TAU * h.x;
    float d = dot(p, polar(1.0, angle + 0.02 * t)) - 1.1 * (2.0 * h.y - 1.0);
    d = h.z < 0.3 ? abs(d) - 0.05 - 0.15 * h.w : d;
    side *= 1.0 - 2.0 * paint(d, pixel);
  }
  return vec3(0.5 + 0.47 * side);
}
