// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// Square tiles cut by a diagonal or a quarter circle into black and white, each turned by chance.
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 612);
  float scale = 1.5 + 12.0 * h.x * h.x;
  vec2 q = scale * turn(p, h.y < 0.6 ? 0.0 : TAU * r.x) + 40.0 * r.yz + 0.06 * t;
  vec3 own = hash3(ivec2(floor(q)), 2);
  vec2 x = turn(fract(q) - 0.5, 0.5 * PI * floor(4.0 * own.x));
  float round_d = length(x + 0.5) - 1.0, straight = (x.x + x.y) * 0.7071;
  float leaf = max(round_d, length(x - 0.5) - 1.0);
  float d = own.y < h.z ? round_d : own.y < h.z + (1.0 - h.z) * h.w ? leaf : straight;
  float white = paint(own.z < 0.5 ? d : -d, scale * pixel);
  return vec3(0.03 + 0.94 * white);
}
