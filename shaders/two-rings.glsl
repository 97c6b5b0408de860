// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// Two families of rings about two points, black and white, each turning the other to its opposite.
// colour: grey
#include "lib/hash.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 613), g = more(r, 614);
  float rings = 3.0 + 32.0 * h.x * h.x;
  vec2 a = p - 1.2 * (2.0 * h.yz - 1.0), b = p - 1.2 * (2.0 * g.xy - 1.0);
  float flat_by = 1.0 - 0.6 * g.z, soft = min(rings * pixel, 0.6);
  float one = square_wave(rings * length(a * vec2(1.0, flat_by)) - 0.4 * t, soft);
  float more_rings = rings * (0.7 + 0.6 * g.w);
  float other = square_wave(more_rings * length(b * vec2(flat_by, 1.0)) + 0.3 * t, soft);
  return vec3(0.5 + 0.47 * one * other);
}
