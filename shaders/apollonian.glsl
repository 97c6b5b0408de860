// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// Circles within circles: folding into a square and inversion by turns (Mumford et al., 2002).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 z = turn(p * (0.6 + 0.8 * r.x), TAU * r.y) + r.zw;
  float scale = 1.0, trap = 9.0;
  float strength = 1.05 + 0.3 * r.z + 0.03 * sin(t);
  for (int i = 0; i < 7; i++) {
    z = 2.0 * fract(0.5 * z + 0.5) - 1.0;
    float size = dot(z, z);
    float inversion = strength / max(size, 0.02);
    z *= inversion;
    scale *= inversion;
    trap = min(trap, size);
  }
  float line = abs(z.y) / scale;
  return palette(0.6 * sqrt(trap) + r.w, r) * (0.45 + 0.6 * clamp(sqrt(60.0 * line), 0.0, 1.0));
}
