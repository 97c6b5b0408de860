// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// The Mandelbrot set near its edge: smooth escape time at one of its valleys, more or less magnified.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float angle = TAU * (0.08 + 0.84 * r.x);
  vec2 edge = 0.5 * vec2(cos(angle), sin(angle)) - 0.25 * vec2(cos(2.0 * angle), sin(2.0 * angle));
  float width = exp2(-1.0 - 4.0 * r.y);
  vec2 c = edge * 1.02 + width * turn(p, 0.2 * t);
  vec2 z = vec2(0.0);
  float count = 0.0;
  for (int i = 0; i < 64 && dot(z, z) < 64.0; i++) {
    z = square(z) + c;
    count += 1.0;
  }
  float size = dot(z, z);
  if (size < 64.0) return 0.35 * palette(r.w + size, r);
  return palette(0.35 * log2(1.0 + count - log2(0.5 * log2(size))) + r.z, r);
}
