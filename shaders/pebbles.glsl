// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// Pebbles: rounded cells lit from one side.
#include "lib/cells.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Cells c = cells((1.5 + 3.5 * r.x) * p + 300.0 * r.yz, t);
  float edge = c.second - c.near;
  float height = sqrt(clamp(edge * 1.6, 0.0, 1.0));
  vec2 slope = -c.offset * (1.0 - 0.6 * height);
  float angle = 6.2831853 * r.w;
  float light = 0.85 + 1.1 * dot(slope, vec2(cos(angle), sin(angle)));
  vec3 stone = palette(0.35 * hash2(c.id - 9).x + r.y, r);
  return (0.15 + stone) * light * height + 0.05;
}
