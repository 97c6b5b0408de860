// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// Orbit traps: how near the orbit of z² + c comes to a circle and to a line (Pickover, 1990).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float angle = TAU * r.x;
  vec2 c = vec2(-0.4, 0.0) + 0.45 * vec2(cos(angle), sin(angle));
  vec2 z = (1.0 + 0.4 * r.y) * p;
  float circle = 9.0, line = 9.0;
  for (int i = 0; i < 20 && dot(z, z) < 16.0; i++) {
    z = square(z) + c;
    circle = min(circle, abs(length(z - 0.3 * cos(vec2(0.0, 1.57) + 0.4 * t)) - 0.2 - 0.5 * r.z));
    line = min(line, abs(dot(z, vec2(cos(TAU * r.w), sin(TAU * r.w)))));
  }
  return palette(0.5 * sqrt(circle) + r.w, r) * (0.35 + 0.9 * exp(-6.0 * circle)) + 0.35 * exp(-9.0 * line);
}
