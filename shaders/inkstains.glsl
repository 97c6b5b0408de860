// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// Stains: noise cut at one height, black on white or white on black, with ragged shores.
// colour: grey
#include "lib/noise.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 240);
  float scale = 1.0 + 6.0 * h.x * h.x;
  vec2 q = scale * p * vec2(1.0, 0.4 + 0.6 * h.y) + 70.0 * r.xy + 0.1 * t;
  float field = fbm(q, 2 + int(4.0 * h.z)) - 0.25 * (h.w - 0.5);
  float white = paint(field / (2.0 * scale), pixel);
  return vec3(0.03 + 0.94 * (r.z < 0.5 ? white : 1.0 - white));
}
