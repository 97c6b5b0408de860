// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// A quilt: patches cut into triangles along their diagonals, turned by a rule, stitched and padded.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 1.6 + 2.4 * r.x;
  vec2 q = turn(scale * p, 0.25 * PI * floor(3.0 * r.y)) + 20.0 * r.zw + 0.05 * t;
  vec2 cell = floor(q), x = fract(q) - 0.5;
  vec2 block = floor(cell * 0.5), in_block = cell - 2.0 * block;
  float quarter = in_block.x + (in_block.y > 0.5 ? 3.0 - 2.0 * in_block.x : 0.0);  // 0 to 3 round the block
  float turns = r.w < 0.35 ? quarter : r.w < 0.7 ? quarter + 2.0 * mod(block.x + block.y, 2.0)
      : floor(4.0 * hash2(ivec2(cell)).x);
  vec2 y = turn(x, 0.5 * PI * turns);
  bool upper = y.x + y.y > 0.0;
  float dye = upper ? 0.0 : 0.3 + 0.2 * mod(block.x - block.y, 2.0);
  float seam = min(abs(y.x + y.y) * 0.7071, 0.5 - max(abs(x.x), abs(x.y)));
  float puff = 0.7 + 0.35 * smoothstep(0.0, 0.2, seam);
  float weft = 0.95 + 0.05 * sin(50.0 * x.x) * sin(50.0 * x.y);
  float print = 0.9 + 0.12 * cos(TAU * 3.0 * (upper ? x.x - x.y : x.x + x.y)) * step(0.3, r.z);
  return paints(dye + r.y + 0.05 * block.x, r) * puff * weft * print;
}
