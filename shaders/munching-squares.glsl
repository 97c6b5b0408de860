// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// Munching squares: the bits of a column's and a row's number, combined, and black or white by a threshold.
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 312);
  float scale = exp2(2.9 + floor(4.0 * h.x));
  ivec2 cell = ivec2(floor(scale * turn(p, h.y < 0.6 ? 0.0 : TAU * r.x) + 300.0 * r.yz));
  int size = min(4 << int(4.0 * h.z), int(scale));
  int mixed = h.w < 0.55 ? cell.x ^ cell.y : h.w < 0.8 ? cell.x & cell.y : cell.x | cell.y;
  float level = fract(r.w + 0.1 * t) * 0.5 + 0.2;
  return vec3(float(mixed & (size - 1)) < level * float(size) ? 0.97 : 0.03);
}
