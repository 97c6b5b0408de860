// SPDX-License-Identifier: Apache-2.0
// kind: light
// Aurora: curtains of light that hang from a wavering line and fade upward.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 colour = mix(vec3(0.01, 0.02, 0.06), ramp(0.12, r), 0.5 - 0.5 * p.y);
  for (int k = 0; k < 4; k++) {
    vec4 h = more(r, k + 1);
    float x = p.x * (0.6 + 0.8 * h.x) + 20.0 * h.y + 0.05 * t;
    float foot = -0.9 + 1.2 * h.z + 0.7 * (line_noise(1.7 * x, k) - 0.5);
    float up = p.y - foot;
    float ray = 0.35 + 0.65 * line_noise(9.0 * x + 2.0 * up, k + 5) * line_noise(2.0 * x, k + 15);
    float light = smoothstep(-0.06, 0.04, up) * exp(-(1.2 + 2.0 * h.w) * max(up, 0.0)) * ray;
    colour += light * palette(0.25 * up + 0.2 * float(k) + r.w, r) * 0.75;
  }
  return colour;
}
