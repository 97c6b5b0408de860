// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// Lyapunov space of the logistic map with two rates: order in relief, chaos flat (Markus & Hess, 1989).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 rate = clamp(vec2(3.35, 3.35) + 0.35 * (r.zw - 0.5)
      + (0.35 + 0.3 * r.y) * turn(p, 0.785398 * floor(2.0 * r.x)), 2.0, 4.0);
  int word = int(3.0 * r.x);  // AB, AAB or AABB
  float x = 0.5, exponent = 0.0;
  for (int i = 0; i < 48; i++) {
    int place = word == 0 ? i % 2 : word == 1 ? i % 3 - 1 : (i % 4) / 2;
    float a = place > 0 ? rate.y : rate.x;
    x = a * x * (1.0 - x);
    if (i >= 16) exponent += log2(max(abs(a - 2.0 * a * x), 1e-6));
  }
  exponent /= 32.0;
  float order = sqrt(max(-exponent, 0.0));
  vec3 calm = ramp(0.15 + 0.6 * exp(-1.1 * order), r) * (0.5 + 0.5 * cos(4.0 * order + 0.3 * t));
  return mix(calm + 0.12, palette(r.w + 0.5 + 0.4 * exponent, r) * 0.5, smoothstep(-0.02, 0.1, exponent));
}
