// SPDX-License-Identifier: Apache-2.0
// kind: shapes
// Mountains: ridge behind ridge, paler with distance.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 sun = vec2(r.x * 1.4 - 0.7, 0.25 + 0.5 * r.y);
  float glow = exp(-3.0 * length(p - sun));
  vec3 sky = ramp(0.95 - 0.35 * p.y, r) + 0.5 * glow;
  vec3 colour = sky;
  for (int k = 0; k < 6; k++) {
    float near = float(k) / 5.0;
    float x = (1.0 + 1.2 * near) * (p.x + 0.1 * t) + 40.0 * r.z;
    float ridge = line_noise(x, k) + 0.5 * line_noise(2.3 * x, k + 10) + 0.25 * line_noise(5.1 * x, k + 20);
    ridge += 0.12 * line_noise(11.0 * x, k + 30);
    float height = 0.55 - 1.25 * near + (0.7 + 0.4 * r.w) * (ridge - 0.9);
    vec3 rock = mix(ramp(0.75, r), ramp(0.05, r), near) + 0.1 * (height - p.y) * (1.0 - near);
    colour = mix(colour, rock, paint(p.y - height, 2.0 * pixel));
  }
  return colour;
}
