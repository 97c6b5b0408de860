// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// Wedges of black and white about a point, cut and turned by rings.
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 290);
  vec2 q = p - 1.2 * (h.xy - 0.5);
  float rays = 3.0 + floor(18.0 * h.z * h.z), radius = length(q), rings = h.w < 0.4 ? 0.0 : 1.0 + 6.0 * h.w;
  float swirl = (r.x < 0.5 ? 0.0 : 4.0 * (r.y - 0.5)) * radius + 0.2 * t;
  float wedge = square_wave(rays * (bearing(q) + swirl) / PI, rays * pixel / (PI * max(radius, pixel)));
  float ring = rings > 0.0 ? square_wave(rings * radius, rings * pixel) : 1.0;
  return vec3(0.5 + 0.47 * wedge * ring);
}
