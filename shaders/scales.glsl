// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// Fish scales: overlapping rounds in shifted rows, shaded toward their rims.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 2.0 + 4.0 * r.x;
  vec2 q = turn(p, TAU * r.y);
  q = scale * (q + 0.08 * sin(3.0 * q.yx + t)) + 50.0 * r.zw;
  vec3 colour = vec3(0.0);
  float row = floor(2.0 * q.y);
  // A scale reaches over two rows; the lower row lies on top.
  for (int k = 2; k >= 0; k--) {
    float y = row + 1.0 - float(k);
    float shift = 0.5 * mod(y, 2.0);
    float x = floor(q.x - shift) + shift + 0.5;
    vec2 offset = q - vec2(x, 0.5 * y + 0.5);
    float d = length(offset * vec2(1.0, 0.9));
    float own = hash2(ivec2(floor(2.0 * x), y)).x;
    vec3 plate = palette(0.2 * own + 0.04 * y + r.z, r) * (1.1 - 0.9 * d * d) + 0.25 * r.w * zigzag(5.0 * d);
    colour = mix(colour, plate * (1.0 - 0.5 * smoothstep(0.42, 0.56, d)), paint(d - 0.56, scale * pixel));
  }
  return colour;
}
