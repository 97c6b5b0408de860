// SPDX-License-Identifier: Apache-2.0
// kind: noise
// Agate: bands of uneven width along the levels of a warped field, as silica lines a hollow in rock.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (0.6 + 0.7 * r.x) * p + 120.0 * r.yz;
  float level = fbm(q + 0.6 * noise(1.7 * q + 0.05 * t), 3);
  float depth = (5.0 + 9.0 * r.w) * level;
  float band = line_noise(depth, 3) * 0.7 + line_noise(3.1 * depth, 4) * 0.3;
  float core = smoothstep(0.25, 0.5, level);
  vec3 stone = scheme(0.7 * band + 0.3 * level + r.w, r);
  return mix(stone * (0.75 + 0.35 * band), vec3(0.9, 0.88, 0.86) * (0.8 + 0.2 * band), 0.7 * core);
}
