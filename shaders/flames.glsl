// SPDX-License-Identifier: Apache-2.0
// kind: light
// Flames: tongues that rise, narrow and tear, from pale at the foot to deep at the tips.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = vec2((1.0 + 0.9 * r.x) * p.x, p.y) + vec2(0.15 * p.y * sin(2.0 * p.y + t), 0.0);
  float up = 0.5 * (p.y + 1.0);
  vec2 x = vec2(1.6 * q.x, 0.8 * q.y - 1.2 * t) + 60.0 * r.yz;
  x += (0.25 + 0.4 * r.w) * up * vec2(noise(1.7 * x), noise(1.7 * x + 31.0));
  float turbulent = noise(x) + 0.5 * noise(2.1 * x + 7.0) + 0.25 * noise(4.3 * x + 17.0);
  float heat = 1.1 - (1.0 + 0.5 * r.z) * up + 0.75 * turbulent * (0.35 + up);
  heat *= 0.75 + 0.35 * line_noise(1.3 * q.x + 10.0 * r.w, 7);
  float ember = smoothstep(0.75, 0.8, noise(9.0 * p - vec2(0.0, 5.0 * t))) * up;
  return 0.02 + glow(0.85 * clamp(heat, 0.0, 1.2), r) * 0.95 + 0.3 * ember * palette(r.w, r);
}
