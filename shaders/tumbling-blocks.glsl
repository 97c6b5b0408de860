// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// Tumbling blocks: each hexagon cut in three rhombi of three lights, which the eye takes for stacked cubes.
#include "lib/hash.glsl"
#include "lib/lattice.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 1.5 + 2.6 * r.x;
  vec2 q = turn(scale * p, floor(6.0 * r.y) * PI / 3.0 + 0.1 * sin(t)) + 30.0 * r.zw;
  Tile tile = hexagon(q);
  float sector = floor(3.0 * fract(bearing(tile.offset.yx) / TAU + 0.5));
  vec2 own = hash2(tile.id + 4);
  // Along the face: 0 at the middle of the block, 1 at its far corners.
  float far = 1.0 - 2.0 * tile.edge, light = sector == 0.0 ? 0.95 : sector == 1.0 ? 0.62 : 0.36;
  vec3 wood = palette(0.25 * own.x + r.w + 0.1 * sector * r.z, r) * 0.8 + 0.15;
  float inlay = step(0.5, r.z) * (1.0 - smoothstep(0.0, 0.05, abs(far - 0.55) - 0.05));
  float seam = smoothstep(0.0, 0.03, tile.edge);
  return mix(wood, wood.zxy * 0.8, inlay) * light * (1.1 - 0.25 * far) * (0.7 + 0.3 * seam);
}
