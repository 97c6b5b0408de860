// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// Hexagons: a honeycomb whose cells rise and sink in slow waves.
#include "lib/hash.glsl"
#include "lib/lattice.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 2.0 + 4.0 * r.x;
  vec2 q = turn(scale * p, PI * r.y) + 40.0 * r.zw;
  Tile tile = hexagon(q);
  vec2 centre = q - tile.offset;
  float wave = 0.5 + 0.5 * sin(0.9 * centre.x + 1.3 * centre.y + t) * cos(0.8 * centre.y - centre.x * r.w);
  float grain = hash2(tile.id).x;
  float lit = 1.0 + 0.5 * dot(normalize(tile.offset + 1e-5), vec2(-0.6, 0.8))
      * (1.0 - smoothstep(0.0, 0.2, tile.edge));  // the rim is lit, the middle is flat
  vec3 cell = palette(0.5 * wave + 0.12 * grain + r.z, r) * (0.6 + 0.4 * wave) * lit;
  return cell * paint(0.03 - tile.edge, scale * pixel);
}
