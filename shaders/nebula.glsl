// SPDX-License-Identifier: Apache-2.0
// kind: noise
// A nebula: gases of three hues behind lanes of dust, and a few stars.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (0.6 + 0.6 * r.x) * p + 130.0 * r.yz;
  vec2 bend = vec2(noise(1.2 * q + 0.04 * t), noise(1.2 * q + 50.0));
  vec3 gas = vec3(0.0);
  for (int k = 0; k < 3; k++) {
    float cloud = smoothstep(-0.4, 0.6, fbm(q + 0.9 * bend + 31.0 * float(k), 3));
    gas += cloud * cloud * palette(r.w + 0.22 * float(k), r);
  }
  float dust = smoothstep(0.05, 0.6, fbm(1.4 * q - bend + 77.0, 2));
  vec2 sky = 7.0 * p + 300.0 * r.zw;
  vec2 h = hash2(ivec2(floor(sky)));
  float away = length(fract(sky) - 0.2 - 0.6 * h);
  float light = h.x * h.x * h.y * exp(-400.0 * away * away / (0.3 + h.y));
  return 0.03 + gas * (1.0 - 0.75 * dust) * 1.1 + 1.5 * light;
}
