// SPDX-License-Identifier: Apache-2.0
// kind: flow
// Fur: strands combed along a wavy direction, lit along their length, with dark partings.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/stream.glsl"

vec2 flow(vec2 p, float t, vec4 r) {
  float angle = TAU * r.x + 1.6 * noise((0.8 + 0.6 * r.y) * p + 100.0 * r.zw + 0.04 * t);
  return polar(1.0, angle);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 lie = flow(p, t, r);
  float strands = smear(p, 22.0, 0.03, 3, t, r);
  float tuft = noise(3.0 * p + 0.5 * lie + 30.0);
  float sheen = 0.5 + 0.5 * dot(lie, polar(1.0, 1.1));
  vec3 coat = palette(r.w + 0.3 * tuft + 0.1 * sheen, r) * 0.7 + 0.15 * ramp(0.8, r);
  return coat * (0.55 + 0.9 * sheen * sheen + 0.22 * strands + 0.35 * tuft);
}
