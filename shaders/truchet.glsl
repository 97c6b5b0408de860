// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// Truchet tiles: quarter circles turned at random, which join into loops (Smith, 1987).
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 2.0 + 4.0 * r.x;
  vec2 q = turn(scale * p, TAU * r.y) + 100.0 * r.zw + 0.1 * t;
  ivec2 cell = ivec2(floor(q));
  vec2 x = fract(q) - 0.5;
  if (hash2(cell).x < 0.5) x.x = -x.x;
  float arc = min(abs(length(x - 0.5) - 0.5), abs(length(x + 0.5) - 0.5));
  float band = paint(arc - (0.08 + 0.14 * r.w), 2.0 * scale * pixel);
  vec3 ground = palette(r.z + 0.08 * dot(p, vec2(1.0)), r);
  vec3 line = palette(r.z + 0.45 + 0.5 * arc, r) * (1.2 - 2.0 * arc);
  return mix(ground * 0.6, line, band);
}
