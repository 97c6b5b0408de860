// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// A square grid with one thick diagonal per cell, leaning left or right by chance: a maze in black and white.
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 291);
  float scale = 3.0 + 35.0 * h.x * h.x;
  vec2 q = scale * turn(p, h.y < 0.5 ? 0.0 : TAU * h.z) + 50.0 * r.xy + 0.2 * t;
  ivec2 cell = ivec2(floor(q));
  vec2 x = fract(q) - 0.5;
  x.x *= hash2(cell).x < 0.5 + 0.4 * (h.w - 0.5) ? 1.0 : -1.0;
  float d = min(abs(x.x - x.y), 1.0 - abs(x.x - x.y)) * 0.7071;
  float white = paint(d - 0.1 - 0.1 * r.z, scale * pixel);
  return vec3(0.03 + 0.94 * (r.w < 0.5 ? white : 1.0 - white));
}
