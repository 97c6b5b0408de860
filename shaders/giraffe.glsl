// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// A giraffe's coat: large patches with wavering rims between pale channels, darker toward their middles.
#include "lib/cells.glsl"
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x) * (0.9 + 1.2 * r.y) * vec2(1.0, 0.75) + 160.0 * r.zw;
  q += 0.16 * vec2(noise(2.2 * q + 0.05 * t), noise(2.2 * q + 80.0));
  Cells c = cells(q, 3.0 + 0.2 * t);
  float d = wall(q, 3.0 + 0.2 * t, c) + 0.025 * noise(9.0 * q);
  float patch_of_hair = smoothstep(0.05 + 0.05 * r.w, 0.11 + 0.06 * r.w, d);
  float hair = 0.92 + 0.08 * noise(vec2(5.0, 40.0) * p);
  vec3 pale = mix(vec3(0.93, 0.86, 0.72), palette(r.w + 0.4, r), 0.25);
  vec3 dark = mix(vec3(0.5, 0.28, 0.12), palette(r.w, r), 0.45) * (1.15 - 1.1 * d + 0.15 * hash2(c.id).x);
  return mix(pale, dark, patch_of_hair) * hair;
}
