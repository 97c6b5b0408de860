// SPDX-License-Identifier: Apache-2.0
// kind: volume
// Clouds: light through a slab of fractal haze, marched in a few steps toward the light.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (0.8 + 0.8 * r.x) * p + 200.0 * r.yz + 0.05 * t;
  float angle = 6.2831853 * r.w;
  vec2 toward = 0.16 * vec2(cos(angle), sin(angle));
  float here = smoothstep(-0.3, 0.45, fbm(q, 5));
  float before = 0.0;  // haze between here and the light
  for (int i = 1; i <= 2; i++) before += smoothstep(-0.35, 0.7, fbm(q + float(i) * toward, 3));
  float light = exp(-1.3 * before);
  return mix(ramp(0.2 + 0.15 * p.y, r), ramp(0.35 + 1.1 * light, r), here);
}
