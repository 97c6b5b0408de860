// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// Triangles: an equilateral mesh in which light runs over the facets in slow waves.
#include "lib/hash.glsl"
#include "lib/lattice.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 2.0 + 4.0 * r.x;
  vec2 q = turn(scale * p, TAU * r.y) + 40.0 * r.zw;
  Tile tile = triangle(q);
  vec2 own = hash2(tile.id), centre = vec2(tile.id.x, 2 * tile.id.y) * 0.5;
  float wave = 0.5 + 0.5 * sin(0.55 * centre.x + 0.8 * centre.y + t) * cos(0.5 * centre.y - 0.3 * centre.x);
  float light = 0.7 + 0.35 * own.y + 0.3 * tile.offset.y;
  vec3 colour = scheme(0.4 * wave + 0.15 * own.x + r.w, r) * light;
  float gap = 0.06 * step(0.6, r.z);
  return colour * mix(1.0, 0.15, paint(tile.edge - gap, 2.0 * scale * pixel) * step(0.001, gap));
}
