// SPDX-License-Identifier: Apache-2.0
// kind: kaleidoscope
// Blooms: a wedge of mirrors and an inversion in a circle by turns, which open flowers inside flowers.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float n = 3.0 + floor(4.0 * r.x);
  vec2 z = turn(p * (0.8 + 0.5 * r.y), 0.15 * t + TAU * r.w);
  vec2 centre = vec2(0.75 + 0.45 * r.z, 0.12 * sin(0.5 * t));
  float near = 9.0, sum = 0.0;
  for (int i = 0; i < 4; i++) {
    z = fold(z, n) - centre;
    z = turn(invert(z) * (0.35 + 0.35 * r.y), 0.5 * r.w);
    float size = length(z);
    near = min(near, abs(size - 0.5));
    sum += size / (1.0 + size);
  }
  return palette(0.33 * sum + r.w, r) * (0.4 + 0.6 * smoothstep(0.0, 0.25, near)) + 0.25 * exp(-14.0 * near);
}
