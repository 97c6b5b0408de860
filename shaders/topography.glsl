// SPDX-License-Identifier: Apache-2.0
// kind: noise
// A map: hills in tints of height, with contour lines of one width however steep the ground.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (0.7 + 0.8 * r.x) * p + 150.0 * r.yz + 0.03 * t;
  vec3 height = noise_slope(q);
  height += 0.4 * noise_slope(2.3 * q + 11.0) * vec3(1.0, 2.3, 2.3);
  height += 0.06 * noise_slope(5.1 * q + 23.0) * vec3(1.0, 5.1, 5.1);
  float lines = 5.0 + 7.0 * r.w, level = lines * height.x;
  float steep = lines * length(height.yz) * (0.7 + 0.8 * r.x) + 1e-3;  // levels per unit of p
  float away = abs(fract(level) - 0.5) / steep;
  float line_width = mod(floor(level), 4.0) == 0.0 ? 0.016 : 0.007;
  vec3 tint = mix(vec3(1.0), palette(0.35 * height.x + r.w, r), 0.55) * (0.9 + 0.08 * height.y);
  return mix(tint, ramp(0.15, r), 0.8 * paint(away - line_width, 2.0 * pixel));
}
