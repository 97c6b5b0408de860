// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// Stained glass: Voronoi cells, each of its own colour, with leads between them.
#include "lib/cells.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 1.5 + 4.0 * r.x;
  Cells c = cells(scale * p + 300.0 * r.yz, t);
  vec2 own = hash2(c.id + 77);
  float lead = smoothstep(0.02, 0.06 + 0.08 * r.w, c.second - c.near);
  return palette(own.x, r) * (0.65 + 0.35 * own.y) * (1.15 - 0.6 * c.near) * lead;
}
