// SPDX-License-Identifier: Apache-2.0
// kind: reaction
// A leopard's rosettes: broken dark rings round a darker ground, smaller where the coat is tight.
#include "lib/cells.glsl"
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x) * (2.2 + 2.2 * r.y) * vec2(1.0, 0.8) + 140.0 * r.zw;
  q += 0.25 * vec2(noise(0.9 * q + 0.05 * t), noise(0.9 * q + 44.0));
  Cells c = cells(q, 2.0 + 0.1 * t);
  vec2 own = hash2(c.id + 21);
  float rough = 0.13 * noise(3.1 * q) + 0.05 * noise(8.0 * q);
  float size = 0.27 + 0.12 * own.x, d = c.near - size + rough;
  float ring_of_spots = abs(d) - 0.085 * (0.5 + own.y);
  float gaps = cos((2.0 + floor(3.0 * own.y)) * bearing(c.offset) + TAU * own.x);
  float spot = 1.0 - smoothstep(-0.03, 0.03, ring_of_spots + 0.09 * smoothstep(0.35, 0.95, gaps));
  spot = max(spot, (1.0 - smoothstep(-0.03, 0.02, abs(c.second - c.near - 0.04) - 0.02 + rough)) * 0.7 * r.z);
  vec3 coat = mix(vec3(0.86, 0.66, 0.36), palette(r.w, r), 0.45) * (0.95 + 0.2 * noise(vec2(4.0, 25.0) * p));
  coat = mix(coat, coat * vec3(0.75, 0.62, 0.5), 1.0 - smoothstep(-0.1, 0.05, d));
  return mix(coat, coat * 0.16, spot) * (1.0 - 0.15 * length(p));
}
