// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// Quarter discs, half discs, rounds and bars in few strong colours, one to a square, like a block print.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 1.2 + 2.0 * r.x;
  vec2 q = scale * turn(p, 0.5 * PI * floor(4.0 * r.y)) + 40.0 * r.zw + 0.08 * t;
  ivec2 cell = ivec2(floor(q));
  vec3 h = hash3(cell, 1), g = hash3(cell, 2);
  vec2 x = turn(fract(q) - 0.5, 0.5 * PI * floor(4.0 * h.x));
  float corner_distance = length(x + 0.5);
  float d = h.y < 0.35 ? corner_distance - 1.0
          : h.y < 0.5  ? min(corner_distance, length(x - 0.5)) - 0.5
          : h.y < 0.65 ? length(x + vec2(0.0, 0.5)) - 0.5
          : h.y < 0.8  ? length(x) - 0.3
                       : abs(x.x) - 0.17;
  float second = h.y < 0.35 ? corner_distance - 0.5 : h.y < 0.8 && h.y > 0.65 ? length(x) - 0.13 : 1.0;
  float soft = 2.0 * scale * pixel;
  vec3 colour = paints(0.2 * floor(5.0 * g.x) + 0.05, r);
  colour = mix(colour, paints(0.2 * floor(5.0 * g.y) + 0.05, r), paint(d, soft));
  colour = mix(colour, paints(0.2 * floor(5.0 * g.z) + 0.05, r), paint(second, soft));
  return colour * (0.92 + 0.08 * noise(4.0 * q)) * (1.0 - 0.1 * exp(-20.0 * abs(d)));
}
