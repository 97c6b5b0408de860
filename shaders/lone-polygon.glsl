// SPDX-License-Identifier: Apache-2.0
// kind: figures
// One polygon on black: full, hollow or in rings, in one flat colour.
// ground: black
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.3, 0.85, 101, r);
  vec4 h = more(r, 102);
  float sides = 3.0 + floor(6.0 * h.x), round_off = 0.15 * h.y;
  float d = polygon(turn(here.q, 0.31 * t), sides, 0.75 - round_off) - round_off;
  float rings = 2.0 + floor(4.0 * h.w);
  float hollow = -d - 0.12 - 0.2 * h.w, ringed = 0.13 * cos(TAU * rings * d);
  float within = h.z < 0.4 ? d : max(d, h.z < 0.7 ? hollow : ringed);
  return hsv(r.x, 0.9 * r.y, 0.5 + 0.5 * r.z) * paint(within, here.grain);
}
