// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// Julia sets of z² + c, c near the edge of the Mandelbrot set; smooth escape time (Douady & Hubbard, 1984).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  // A point of the main cardioid, pushed a little outward.
  float angle = TAU * r.x;
  vec2 c = 0.5 * vec2(cos(angle), sin(angle)) - 0.25 * vec2(cos(2.0 * angle), sin(2.0 * angle));
  c *= 1.03 + 0.09 * r.y;
  vec2 z = turn(p * (0.9 + 0.5 * r.z), 0.3 * t);
  float count = 0.0;
  for (int i = 0; i < 48 && dot(z, z) < 64.0; i++) {
    z = square(z) + c;
    count += 1.0;
  }
  float inside = dot(z, z);
  if (inside < 64.0) return 0.5 * palette(r.w + 0.3 * inside, r);
  return palette(0.035 * (count - log2(0.5 * log2(inside))) + r.w, r);
}
