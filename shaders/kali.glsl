// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// Folded inversions: |z| / z² - c again and again; the sizes met make glowing veils (Kali, 2011).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 z = turn(p * (0.5 + 0.8 * r.x), TAU * r.y) + 0.6 * (r.zw - 0.5);
  vec2 c = vec2(0.55, 0.62) + 0.35 * (r.wz - 0.5) + 0.02 * sin(0.5 * t);
  float sum = 0.0, last = 0.0, near = 9.0;
  for (int i = 0; i < 9; i++) {
    z = abs(z) / max(dot(z, z), 1e-3) - c;
    float size = length(z);
    sum += exp(-1.2 * abs(size - last));
    last = size;
    near = min(near, abs(z.x) + 0.3 * abs(z.y));
  }
  float veil = sum / 9.0;
  return scheme(1.4 * veil + r.x, r) * (0.25 + 1.1 * veil * veil) + 0.3 * glow(0.9 * exp(-5.0 * near), r);
}
