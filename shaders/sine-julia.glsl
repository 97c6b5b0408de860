// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// Julia sets of c·sin z: fingers and spirals that repeat along a line (Devaney, 1984).
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 z = turn(p, 0.4 * (r.x - 0.5)) * (1.3 + 1.6 * r.y) + vec2(TAU * floor(3.0 * r.z), 0.0);
  vec2 c = polar(1.0 + 0.12 * r.w, (0.15 + 0.75 * r.x) * (r.z < 0.5 ? 1.0 : -1.0) + 0.02 * sin(t));
  float count = 0.0;
  for (int i = 0; i < 16 && abs(z.y) < 12.0; i++) {
    float up = exp(z.y), down = 1.0 / up;
    z.x = mod(z.x, TAU);  // sines of large numbers differ between drivers
    z = times(c, 0.5 * vec2(sin(z.x) * (up + down), cos(z.x) * (up - down)));
    count += 1.0;
  }
  if (abs(z.y) < 12.0) return palette(r.w + 0.3 * length(z), r) * 0.55;
  float level = count - log2(log2(abs(z.y) + 1.0) / 3.7) * 0.4;
  return palette(0.09 * level + r.w + 0.25, r) * (0.6 + 0.4 * zigzag(0.25 * level));
}
