// SPDX-License-Identifier: Apache-2.0
// kind: noise
// Marble: veins where a sine meets turbulence (Perlin, 1985).
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x) + 120.0 * r.yz;
  float turbulence = 0.0, height = 1.0;
  vec2 x = 1.4 * q + 0.04 * t;
  for (int i = 0; i < 5; i++) {
    turbulence += height * abs(noise(x));
    x = mat2(1.6, 1.2, -1.2, 1.6) * x;
    height *= 0.5;
  }
  float vein = 1.0 - abs(sin((1.5 + 3.0 * r.w) * q.x + 3.0 * turbulence));
  vec3 stone = palette(r.z + 0.15 * turbulence, r) * 0.3 + 0.55;
  return mix(stone, ramp(0.1, r), vein * vein * vein);
}
