// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// Low-poly relief: flat facets, each of one height and slope, as if cut with a knife.
#include "lib/cells.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (1.6 + 2.6 * r.x) * p + 140.0 * r.yz;
  Cells c = cells(q, 0.7 * t);
  vec2 own = hash2(c.id + 31) - 0.5, centre = q + c.offset;
  float height = 0.5 + 0.5 * sin(0.9 * centre.x + TAU * r.w) * cos(0.8 * centre.y);
  vec3 normal = normalize(vec3(1.3 * own, 0.8));
  float light = 0.45 + 0.6 * max(dot(normal, vec3(-0.45, 0.6, 0.66)), 0.0);
  light += 0.25 * dot(c.offset, own);  // a facet is not quite flat in light either
  return scheme(0.45 * height + 0.12 * own.x + r.z, r) * light;
}
