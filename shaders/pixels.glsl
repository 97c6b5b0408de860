// SPDX-License-Identifier: Apache-2.0
// kind: rough
// Small squares, each of a colour of its own, in patches that favour one hue or another.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 600);
  float scale = 30.0 + 98.0 * h.x;
  ivec2 cell = ivec2(floor(scale * p * vec2(1.0, 1.0 - 0.6 * h.y * h.y) + 500.0));
  vec3 own = hash3(cell, int(3.0 * t * h.z));
  float patch_here = fbm((1.0 + 2.0 * h.w) * p + 50.0 * r.xy + 0.05 * t, 3);
  vec3 colour = palette(0.9 * patch_here + (0.1 + 0.5 * r.z) * own.x, r);
  return mix(colour * (0.2 + 1.2 * own.y), own, 0.5 * r.w * r.w);
}
