// SPDX-License-Identifier: Apache-2.0
// kind: rough
// Gravel: small stones pressed together, each of its own grey, lit from one side, with black gaps.
// colour: grey
#include "lib/cells.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 407);
  float scale = 12.0 + 38.0 * h.x;
  vec2 q = scale * turn(p * vec2(1.0, 1.0 - 0.4 * h.y), TAU * r.w) + 90.0 * r.xy + 0.05 * t;
  Cells c = cells(q, 0.2 * t);
  vec3 own = hash3(c.id, 5);
  float gap = smoothstep(0.02, 0.2, c.second - c.near), dome = 1.0 - c.near;
  float light = dome + (0.5 + 0.5 * h.z) * dot(c.offset, polar(1.0, TAU * r.z)) + 0.2 * (own.y - 0.5);
  return vec3(clamp(gap * (0.15 + 0.85 * own.x) * (0.3 + 0.9 * light) * (0.8 + 0.5 * h.w), 0.0, 0.99));
}
