// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Engraving: one system of parallel lines that swell in the shade and thin in the light of a relief.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x);
  vec3 relief = noise_slope((1.0 + 0.9 * r.y) * p + 130.0 * r.zw + 0.04 * t);
  float light = 0.5 + 0.32 * dot(relief.yz, polar(1.0, TAU * r.y + 0.8)) + 0.25 * relief.x;
  float lines = 6.0 + 7.0 * r.w;
  float phase = lines * (q.y + 0.16 * relief.x), width = mix(0.42, 0.06, clamp(light, 0.0, 1.0));
  float cut = paint(abs(fract(phase) - 0.5) - width, 3.0 * lines * pixel);
  float cross = lines * (q.x - 0.16 * relief.x), deep = clamp(0.3 - light, 0.0, 0.3);
  cut = max(cut, paint(abs(fract(cross) - 0.5) - deep, 3.0 * lines * pixel) * step(0.02, deep));
  return ink(0.95 * cut, r) * (0.9 + 0.12 * light);
}
